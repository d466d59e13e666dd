package dev.countersign.storage;

import dev.countersign.text.Message;
import java.io.IOException;

/**
 * Range of a file that was planned: neither a shorter nor a longer file passes for it, nor another
 * one.
 */
public abstract class PlannedRange implements RangeInput {

  private final String uri;
  private final StoredFile file;
  private final long end;
  private final boolean looksPastEnd;
  private long position;

  /**
   * Makes a range of which nothing was read.
   *
   * @param uri of the file, for messages
   * @param looksPastEnd whether {@link #finish} tries to read a byte after the range, which must be
   *     at the end of the file
   */
  protected PlannedRange(String uri, StoredFile file, long start, long end, boolean looksPastEnd) {
    this.uri = uri;
    this.file = file;
    this.position = start;
    this.end = end;
    this.looksPastEnd = looksPastEnd;
  }

  @Override
  public final int read(byte[] buffer, int offset, int length) throws StorageException {
    if (position == end) {
      return -1;
    }
    int read = readAt(position, buffer, offset, (int) Math.min(length, end - position));
    if (read < 0) {
      throw StorageException.changed(
          uri,
          "had %d bytes when the model was listed and now ends at %d",
          file.length(),
          position);
    }
    position += read;
    return read;
  }

  @Override
  public final void finish() throws StorageException {
    if (position != end) {
      throw new IllegalStateException(
          Message.of("%d bytes of the range are not read yet", end - position));
    }
    if (looksPastEnd && readAt(end, new byte[1], 0, 1) >= 0) {
      throw StorageException.changed(
          uri, "is longer than the %d bytes it had when the model was listed", end);
    }
    requirePlanned();
  }

  /**
   * Reads some bytes at a position, which is where the last call ended.
   *
   * @return how many bytes were read; -1 at the file's end
   */
  protected abstract int readAt(long position, byte[] buffer, int offset, int length)
      throws StorageException;

  /**
   * Requires that the file that is read is stored as it was planned.
   *
   * @throws StorageException {@link StorageException.Kind#CHANGED} if it is not
   */
  protected abstract void requirePlanned() throws StorageException;

  @Override
  public abstract void close() throws IOException;
}
