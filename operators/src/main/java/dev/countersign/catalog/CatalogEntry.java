package dev.countersign.catalog;

import java.io.Serializable;

/**
 * One model to work on.
 *
 * @param id position in the catalog, from 0; unique in a run, as names are not
 * @param model URI, as {@link dev.countersign.storage.Storages} describes
 * @param name a label: the path below a glob's fixed part, the base name, or the catalog's name
 * @param version a label; empty if there is none
 * @param bundle URI of the signature; empty if the run has none, as when only digests are wanted
 */
public record CatalogEntry(long id, String model, String name, String version, String bundle)
    implements Serializable {

  /** Refuses an entry without a model. */
  public CatalogEntry {
    if (id < 0 || model.isEmpty()) {
      throw new IllegalArgumentException("An entry needs an id from 0 and a model: " + id);
    }
  }
}
