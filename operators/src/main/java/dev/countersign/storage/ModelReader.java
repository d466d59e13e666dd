package dev.countersign.storage;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * Reads the files of one model. Not thread safe: each lane has its own; files of one directory are
 * opened fastest one after the other.
 */
public interface ModelReader extends Closeable {

  /**
   * Opens a range of a file. Links are not followed, and nothing but a regular file is opened.
   *
   * @param start the first byte, inclusive
   * @param end the last byte, exclusive, at most the file's planned length
   * @throws StorageException {@link StorageException.Kind#CHANGED} if the file is not what it was
   *     when it was listed
   */
  RangeInput open(StoredFile file, long start, long end) throws StorageException;

  /**
   * Opens a range of a file whose parts several threads read; as {@link #open} otherwise.
   *
   * @return empty if the store reads a file best from its beginning to its end
   */
  default Optional<RangeSource> openParts(StoredFile file, long start, long end)
      throws StorageException {
    return Optional.empty();
  }

  /** Frees what is cached. Ranges that are open stay open. */
  @Override
  void close() throws IOException;
}
