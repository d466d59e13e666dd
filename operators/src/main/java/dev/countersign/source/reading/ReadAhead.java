package dev.countersign.source.reading;

import dev.countersign.source.reading.UnitHasher.CancelledException;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a range on a thread of its own while the lane hashes what was read before, so that reading
 * and hashing overlap. Holds at most {@value #BUFFERS} buffers, of which one is filled while
 * another is hashed. Serves one lane at a time.
 */
public final class ReadAhead implements AutoCloseable {

  static final int BUFFERS = 2;

  /** Takes what was read; the buffer is the reader's again when it returns. */
  interface Sink {
    /** Called by the lane's thread. */
    void accept(byte[] buffer, int length) throws CancelledException;
  }

  /** A filled buffer, the end (a length of -1), or a fault. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Filled(byte[] buffer, int length, @Nullable Throwable fault) {}

  /** One range to read. */
  private record Task(RangeInput input, BlockingQueue<byte[]> empty, BlockingQueue<Filled> full) {}

  private static final byte[] NOTHING = {};

  private final String name;
  private final int bufferBytes;
  private BlockingQueue<Task> tasks = new ArrayBlockingQueue<>(1);
  private byte[][] buffers = new byte[BUFFERS][];
  private @Nullable Thread thread;

  /** Nothing is allocated or started before the first range. */
  public ReadAhead(String name, int bufferBytes) {
    this.name = name;
    this.bufferBytes = bufferBytes;
  }

  /** A buffer for the lane's own use, until it calls {@link #drain}. */
  byte[] buffer() {
    return buffer(0);
  }

  private byte[] buffer(int index) {
    if (buffers[index] == null) {
      buffers[index] = new byte[bufferBytes];
    }
    return buffers[index];
  }

  /**
   * Reads {@code input} to its end.
   *
   * @throws StorageException as {@code input} throws it
   * @throws CancelledException as {@code sink} throws it
   */
  void drain(RangeInput input, Sink sink) throws StorageException, CancelledException {
    start();
    Task task =
        new Task(
            input, new ArrayBlockingQueue<>(BUFFERS + 1), new ArrayBlockingQueue<>(BUFFERS + 1));
    for (int i = 0; i < BUFFERS; i++) {
      task.empty().add(buffer(i));
    }
    boolean ended = false;
    try {
      tasks.put(task);
      while (true) {
        Filled filled = task.full().take();
        if (filled.length() < 0) {
          ended = true;
          rethrow(filled.fault());
          return;
        }
        sink.accept(filled.buffer(), filled.length());
        task.empty().add(filled.buffer());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    } finally {
      if (!ended) {
        // The thread may be in the middle of a read: it and its buffers are left to it.
        task.empty().add(NOTHING);
        abandon();
      }
    }
  }

  @Override
  public void close() {
    abandon();
  }

  private void start() {
    if (thread != null) {
      return;
    }
    // Its own queue: an abandoned thread that comes to late must not take this one's work.
    BlockingQueue<Task> queue = new ArrayBlockingQueue<>(1);
    tasks = queue;
    Thread started = new Thread(() -> serve(queue), name);
    started.setDaemon(true);
    started.start();
    thread = started;
  }

  private void abandon() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      thread = null;
      buffers = new byte[BUFFERS][];
    }
  }

  private static void serve(BlockingQueue<Task> tasks) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        fill(tasks.take());
      }
    } catch (InterruptedException e) {
      // Told to end.
      Thread.currentThread().interrupt();
    }
  }

  private static void fill(Task task) throws InterruptedException {
    while (true) {
      byte[] buffer = task.empty().take();
      if (buffer == NOTHING) {
        return;
      }
      int length;
      try {
        length = task.input().read(buffer, 0, buffer.length);
      } catch (StorageException | RuntimeException | Error e) {
        task.full().put(new Filled(NOTHING, -1, e));
        return;
      }
      task.full().put(new Filled(buffer, length, null));
      if (length < 0) {
        return;
      }
    }
  }

  private static void rethrow(@Nullable Throwable fault) throws StorageException {
    if (fault instanceof StorageException storage) {
      throw storage;
    } else if (fault instanceof RuntimeException runtime) {
      throw runtime;
    } else if (fault instanceof Error error) {
      throw error;
    }
  }
}
