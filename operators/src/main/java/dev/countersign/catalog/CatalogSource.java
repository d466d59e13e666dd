package dev.countersign.catalog;

import dev.countersign.catalog.watch.WatchedModels;
import dev.countersign.storage.StorageException;
import java.io.Serializable;

/**
 * What a run works on, as a description that is shipped in a job: entries that were listed already,
 * or a catalog that is read where the run is. Each stream of one source gives the same entries, in
 * the same order; but for those of {@link WatchedModels}, which give what is there by then.
 */
public interface CatalogSource extends Serializable {

  /** Returns how many entries there are, bad ones included. */
  long size();

  /** Returns what identifies the entries: a run that resumes refuses others. */
  String identity();

  /**
   * Begins to read from the first entry on. May block on a disk or a network.
   *
   * @throws CatalogException if it cannot be read, or is not what the source was made from
   * @throws StorageException if the store fails in a way that may pass
   */
  EntryStream open() throws CatalogException, StorageException;
}
