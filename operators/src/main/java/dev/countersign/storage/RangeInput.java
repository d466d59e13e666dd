package dev.countersign.storage;

import java.io.Closeable;
import java.io.IOException;

/**
 * The bytes of one range of a file, once, in order. One thread reads; any thread may close.
 *
 * <p>Fastest with a buffer of 1 MiB or more that the caller keeps.
 */
public interface RangeInput extends Closeable {

  /**
   * Reads the next bytes into the caller's buffer, which is not kept.
   *
   * @return how many bytes were read, at least 1; -1 at the range's end
   * @throws StorageException {@link StorageException.Kind#CHANGED} if the file ends before the
   *     range
   */
  int read(byte[] buffer, int offset, int length) throws StorageException;

  /**
   * Requires that the file is still the one that was planned. Must be called after {@link #read}
   * gave -1 and before any byte is trusted.
   *
   * @throws StorageException {@link StorageException.Kind#CHANGED} if it is not, or if it is longer
   *     than planned
   */
  void finish() throws StorageException;

  /**
   * Closes the range. From another thread it makes a {@link #read} in progress fail, without
   * waiting for it. Closing again does nothing.
   */
  @Override
  void close() throws IOException;
}
