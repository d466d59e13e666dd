package dev.countersign.catalog;

import dev.countersign.storage.StorageException;
import java.io.Closeable;
import java.util.Optional;

/**
 * Entries one by one, with the ids 0, 1, 2 and so on. One thread at a time reads; any thread may
 * close, which makes a read in progress fail.
 */
public interface EntryStream extends Closeable {

  /**
   * Returns the next entry, or nothing at the end. A line that names no model is an entry too, with
   * its fault. May block on a disk or a network.
   *
   * @throws CatalogException if the catalog changed since the source was made
   * @throws StorageException if the store fails
   */
  Optional<CatalogEntry> next() throws CatalogException, StorageException;
}
