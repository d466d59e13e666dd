package dev.countersign.sink;

import java.io.Serializable;

/**
 * Where results go.
 *
 * @param folder URI of a folder on a file system that Flink can commit to
 * @param compact whether the small files of many checkpoints are merged into few
 */
public record ResultSettings(String folder, boolean compact) implements Serializable {}
