package dev.countersign.storage.local;

import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.Locale;

/** A range of a local file, read front to back. */
final class LocalRangeInput implements RangeInput {

  /**
   * The most bytes of one system call. The JDK copies through a native buffer of this size, which
   * each thread keeps for its life: large enough that calls do not count, small enough for a cache.
   */
  private static final int CHUNK = 256 * 1024;

  private final SeekableByteChannel channel;
  private final Path path;
  private final StoredFile file;
  private final String uri;
  private final long end;
  private long position;
  private volatile boolean reading;

  LocalRangeInput(
      SeekableByteChannel channel, Path path, StoredFile file, String uri, long start, long end)
      throws IOException {
    this.channel = channel;
    this.path = path;
    this.file = file;
    this.uri = uri;
    this.end = end;
    this.position = start;
    if (start > 0) {
      try {
        channel.position(start);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws StorageException {
    if (position == end) {
      return -1;
    }
    int wanted = (int) Math.min(Math.min(length, CHUNK), end - position);
    int read = readChannel(ByteBuffer.wrap(buffer, offset, wanted));
    if (read < 0) {
      throw LocalFaults.changed(
          uri,
          String.format(
              Locale.ROOT,
              "had %d bytes when the model was listed and now ends at %d",
              file.length(),
              position));
    }
    position += read;
    return read;
  }

  @Override
  public void finish() throws StorageException {
    if (position != end) {
      throw new IllegalStateException(
          String.format(Locale.ROOT, "%d bytes of the range are not read yet", end - position));
    }
    if (end == file.length() && readChannel(ByteBuffer.allocate(1)) >= 0) {
      throw LocalFaults.changed(
          uri,
          String.format(
              Locale.ROOT, "is longer than the %d bytes it had when the model was listed", end));
    }
    LocalModelReader.requirePlanned(path, file, uri);
  }

  /**
   * Closing a channel in which a thread reads waits for that thread, and a read from a mount that
   * is gone may never return. So a thread of its own does that.
   */
  @Override
  public void close() throws IOException {
    if (reading) {
      Thread closer = new Thread(this::closeQuietly, "countersign-abort-read");
      closer.setDaemon(true);
      closer.start();
    } else {
      channel.close();
    }
  }

  private int readChannel(ByteBuffer buffer) throws StorageException {
    reading = true;
    try {
      return channel.read(buffer);
    } catch (IOException e) {
      throw LocalFaults.reading(uri, e);
    } finally {
      reading = false;
    }
  }

  @SuppressWarnings("EmptyCatch") // The read that is aborted fails by itself, and says why.
  private void closeQuietly() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nobody is left to be told.
    }
  }
}
