package dev.countersign.storage;

import java.io.Closeable;
import java.io.IOException;

/**
 * A range of a planned file whose parts are read in any order, by several threads at the same time.
 * One call of {@link #read} is one request to the store.
 */
public interface RangeSource extends Closeable {

  /**
   * Reads a part of the range into the caller's buffer, which is not kept.
   *
   * @param position in the file, of the first byte
   * @param length how many bytes are read, all of them; the part lies within the range
   * @throws StorageException {@link StorageException.Kind#CHANGED} if the file is not the one that
   *     was planned; {@link StorageException#transientFault()} tells whether the part may be read
   *     again
   */
  void read(long position, byte[] buffer, int offset, int length) throws StorageException;

  /**
   * Requires that all parts were of the planned file. Must be called after the last one and before
   * any byte is trusted.
   *
   * @throws StorageException {@link StorageException.Kind#CHANGED} if they were not
   */
  void finish() throws StorageException;

  /** Closes the range; reads in progress fail. Closing again does nothing. */
  @Override
  void close() throws IOException;
}
