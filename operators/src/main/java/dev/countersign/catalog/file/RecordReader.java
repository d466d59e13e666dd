package dev.countersign.catalog.file;

import dev.countersign.storage.StorageException;
import java.util.Optional;

/** Reads the records of one format. Not thread safe. */
interface RecordReader {

  /** The catalog's own fields; all others are labels. */
  interface Field {
    String MODEL = "model";
    String NAME = "name";
    String VERSION = "version";
    String SIGNATURE = "signature";
    String IGNORE_PATHS = "ignore_paths";
  }

  /**
   * Returns the next record, or nothing at the end. A record that breaks a rule says so itself. If
   * what follows cannot be told apart any more, one record says where that is, and is the last.
   */
  Optional<CatalogRecord> next() throws StorageException;
}
