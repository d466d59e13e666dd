package dev.countersign.catalog;

/**
 * A model and what to call it.
 *
 * @param model URI, as {@link dev.countersign.storage.Storages} describes; nothing may lie there
 * @param name a label: the path below the glob's fixed part, or the base name
 */
public record NamedModel(String model, String name) {}
