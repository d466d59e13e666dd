package dev.countersign.listings;

import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.flink.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Positions of records by a key, sorted in a temporary file, which only this user can read: what
 * they take in memory is bounded, however many there are. Filled and sorted by one thread, then
 * searched by any.
 */
final class SortedPositions implements Closeable {

  /**
   * Position of a record.
   *
   * @param key what it is found by; keys are digests, so any order of theirs is as good as others
   * @param file number of its file
   * @param block where its block begins in the file
   * @param offset where it begins in its block
   * @param run number of the run that it is of
   */
  record Position(long key, int file, long block, int offset, int run) {

    static final Comparator<Position> ORDER =
        Comparator.comparingLong(Position::key)
            .thenComparingInt(Position::file)
            .thenComparingLong(Position::block)
            .thenComparingInt(Position::offset);

    /** Bytes in the file. */
    static final int BYTES = 2 * Long.BYTES + 3 * Integer.BYTES;

    /** Bytes in memory, until it is written; about. */
    static final int WEIGHT = 64;

    static Position from(ByteBuffer bytes) {
      return new Position(
          bytes.getLong(), bytes.getInt(), bytes.getLong(), bytes.getInt(), bytes.getInt());
    }

    void to(ByteBuffer bytes) {
      bytes.putLong(key).putInt(file).putLong(block).putInt(offset).putInt(run);
    }
  }

  /** How many positions a search reads at a time. */
  private static final int PAGE = 128;

  private final long budget;
  private final List<Position> added = new ArrayList<>();

  /** Where each sorted run ends in the file, in positions; one run once all are sorted. */
  private final List<Long> ends = new ArrayList<>();

  private TemporaryFile file = new TemporaryFile();

  /**
   * No position yet.
   *
   * @param budget about how many bytes of memory positions may take
   * @throws IOException if there can be no temporary file; the message says what to do
   */
  SortedPositions(long budget) throws IOException {
    this.budget = budget;
  }

  void add(Position position) throws IOException {
    added.add(position);
    if ((long) added.size() * Position.WEIGHT >= budget) {
      writeRun();
    }
  }

  /** Sorts all; nothing is added after that. */
  void sort() throws IOException {
    writeRun();
    if (ends.size() > 1) {
      TemporaryFile merged = new TemporaryFile();
      try (TemporaryFile runs = file) {
        file = merged;
        merge(runs, merged);
      }
      long size = size();
      ends.clear();
      ends.add(size);
    }
  }

  /** How many positions there are. */
  long size() {
    return ends.isEmpty() ? 0 : ends.get(ends.size() - 1);
  }

  /** Returns a cursor on the first position under {@code key}, or where it would be. */
  Cursor search(long key) throws IOException {
    long low = 0;
    long high = size();
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (file.read(middle * Position.BYTES, Long.BYTES).getLong() < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return new Cursor(file, low, size(), PAGE);
  }

  private void writeRun() throws IOException {
    if (added.isEmpty()) {
      return;
    }
    added.sort(Position.ORDER);
    ByteBuffer page = ByteBuffer.allocate(PAGE * Position.BYTES);
    for (Position position : added) {
      append(position, page, file);
    }
    file.append(page.flip());
    ends.add(size() + added.size());
    added.clear();
  }

  private void merge(TemporaryFile runs, TemporaryFile merged) throws IOException {
    int page = (int) Math.max(1, Math.min(PAGE, budget / Position.BYTES / ends.size()));
    PriorityQueue<Cursor> cursors =
        new PriorityQueue<>(Comparator.comparing(Cursor::required, Position.ORDER));
    long start = 0;
    for (long end : ends) {
      cursors.add(new Cursor(runs, start, end, page));
      start = end;
    }
    ByteBuffer sorted = ByteBuffer.allocate(PAGE * Position.BYTES);
    for (Cursor next = cursors.poll(); next != null; next = cursors.poll()) {
      append(next.required(), sorted, merged);
      next.advance();
      if (next.position() != null) {
        cursors.add(next);
      }
    }
    merged.append(sorted.flip());
  }

  private static void append(Position position, ByteBuffer page, TemporaryFile file)
      throws IOException {
    if (page.remaining() < Position.BYTES) {
      file.append(page.flip());
      page.clear();
    }
    position.to(page);
  }

  /** Deletes the temporary file; whoever searches meanwhile gets an exception. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Goes over positions in their order, page by page. */
  static final class Cursor {
    private final TemporaryFile file;
    private final long end;
    private final int pageSize;
    private long next;
    private ByteBuffer page = ByteBuffer.allocate(0);
    private @Nullable Position position;

    private Cursor(TemporaryFile file, long start, long end, int pageSize) throws IOException {
      this.file = file;
      this.end = end;
      this.pageSize = pageSize;
      this.next = start;
      advance();
    }

    /** Returns the position that it is on; null at the end. */
    @Nullable Position position() {
      return position;
    }

    private Position required() {
      if (position == null) {
        throw new IllegalStateException("at the end");
      }
      return position;
    }

    void advance() throws IOException {
      if (!page.hasRemaining() && next < end) {
        int count = (int) Math.min(pageSize, end - next);
        page = file.read(next * Position.BYTES, count * Position.BYTES);
        next += count;
      }
      position = page.hasRemaining() ? Position.from(page) : null;
    }
  }

  /**
   * A file that is deleted when it is closed, on most systems already when it is opened. Unlike
   * that of a {@link java.nio.channels.FileChannel}, its channel survives the interrupt of a thread
   * that reads: planners are interrupted when they are given up.
   */
  private static final class TemporaryFile implements Closeable {
    private final AsynchronousFileChannel channel;
    private long length;

    TemporaryFile() throws IOException {
      try {
        channel =
            AsynchronousFileChannel.open(
                Files.createTempFile("countersign-", ".listings"),
                Set.of(
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE),
                Executors.newDirectExecutorService());
      } catch (IOException e) {
        throw unusable(e);
      }
    }

    void append(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        length += result(channel.write(bytes, length));
      }
    }

    ByteBuffer read(long position, int count) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(count);
      while (bytes.hasRemaining()) {
        if (result(channel.read(bytes, position + bytes.position())) < 0) {
          throw unusable(new IOException("a file is cut off"));
        }
      }
      return bytes.flip();
    }

    private static int result(Future<Integer> done) throws IOException {
      try {
        return done.get();
      } catch (ExecutionException e) {
        throw unusable(e.getCause());
      } catch (InterruptedException e) {
        throw new IllegalStateException("not done by the caller's thread", e);
      }
    }

    private static IOException unusable(@Nullable Throwable cause) {
      return new IOException(
          Message.of(
              "The listings of earlier runs cannot be sorted: the temporary folder %s cannot be"
                  + " used (%s). Name another with -Djava.io.tmpdir.",
              Printable.of(System.getProperty("java.io.tmpdir", "")),
              Printable.of(String.valueOf(cause))),
          cause);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
