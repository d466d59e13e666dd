package dev.countersign.storage.hadoop;

import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import org.apache.hadoop.fs.FSDataInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A range of a file: the whole of it as one stream, a part by positioned reads, which on object
 * stores are requests for just these bytes.
 *
 * <p>HDFS's stream lets nobody close it while someone reads. So closing interrupts the thread that
 * reads, which closes the stream itself on its way out.
 */
final class HadoopRangeInput implements RangeInput {

  /** Requires that the file is still the one that was planned. */
  interface PlanCheck {
    void run() throws StorageException;
  }

  private final FSDataInputStream stream;
  private final long end;
  private final boolean sequential;
  private final String uri;
  private final PlanCheck check;
  private long position;

  // Guarded by this.
  private @Nullable Thread reading;
  private boolean closed;

  HadoopRangeInput(
      FSDataInputStream stream,
      long start,
      long end,
      boolean sequential,
      String uri,
      PlanCheck check) {
    this.stream = stream;
    this.position = start;
    this.end = end;
    this.sequential = sequential;
    this.uri = uri;
    this.check = check;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws StorageException {
    if (position == end) {
      return -1;
    }
    int read = readAny(buffer, offset, (int) Math.min(length, end - position));
    if (read < 0) {
      throw HadoopFaults.changed(
          uri,
          String.format(
              Locale.ROOT, "ends at %d, %d bytes before it should have", position, end - position));
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
    if (sequential && readAny(new byte[1], 0, 1) >= 0) {
      throw HadoopFaults.changed(
          uri,
          String.format(
              Locale.ROOT, "is longer than the %d bytes it had when the model was listed", end));
    }
    check.run();
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      if (reading != null) {
        reading.interrupt();
        return;
      }
    }
    stream.close();
  }

  private int readAny(byte[] buffer, int offset, int length) throws StorageException {
    try {
      begin();
      try {
        return readStream(buffer, offset, length);
      } finally {
        leave();
      }
    } catch (IOException e) {
      throw HadoopFaults.readingPlanned(uri, e);
    }
  }

  private int readStream(byte[] buffer, int offset, int length) throws IOException {
    if (sequential) {
      return stream.read(buffer, offset, length);
    }
    try {
      stream.readFully(position, buffer, offset, length);
      return length;
    } catch (EOFException e) {
      return -1;
    }
  }

  private synchronized void begin() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    reading = Thread.currentThread();
  }

  /** Ends a read; if it was aborted, swallows the interrupt that was for it alone. */
  private void leave() throws IOException {
    synchronized (this) {
      reading = null;
      if (!closed) {
        return;
      }
    }
    Thread.interrupted();
    stream.close();
    throw new InterruptedIOException("the read was aborted");
  }
}
