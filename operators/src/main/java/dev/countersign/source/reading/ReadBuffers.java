package dev.countersign.source.reading;

import dev.countersign.source.pool.GuardedPool;
import dev.countersign.source.reading.UnitHasher.CancelledException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The buffers of one reader. All that are lent at a time have no more than lanes × {@value
 * ReadAhead#BUFFERS} × {@link ReadSettings#bufferBytes} bytes, however many small files are read at
 * once: each of these has one buffer of its own length, and of {@code bufferBytes} at most. What a
 * thread holds that was given up does not count. Lanes keep their buffers from one unit to the
 * next, until a small file needs the memory.
 *
 * <p>Nobody waits here while having a buffer, so each wait ends. Thread safe.
 */
final class ReadBuffers implements AutoCloseable {

  /** What memory is counted in, in bytes. */
  private static final int SHARE = 1_024;

  private final int bufferBytes;
  private final Semaphore free;
  private final BlockingQueue<Lent> idle;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile boolean closed;

  /** Nothing is allocated yet. */
  ReadBuffers(ReadSettings settings) {
    bufferBytes = settings.bufferBytes();
    free =
        new Semaphore(
            (int) Math.min(Integer.MAX_VALUE, (long) settings.lanes() * sharesOfLane()), true);
    idle = new ArrayBlockingQueue<>(settings.lanes());
  }

  /** Buffers for one thread, until it gives them back. */
  final class Lent {
    private final ReadAhead readAhead;
    private final boolean isKept;
    private final AtomicInteger shares;

    private Lent(int bytes, int shares, boolean isKept) {
      this.readAhead =
          new ReadAhead(Thread.currentThread().getName() + "-reader", Math.max(1, bytes));
      this.isKept = isKept;
      this.shares = new AtomicInteger(shares);
    }

    ReadAhead readAhead() {
      return readAhead;
    }

    /** Called by the thread that has them. */
    void giveBack() {
      boolean isKeptNow = isKept && shares.get() > 0 && !isWanted() && idle.offer(this);
      if (!isKeptNow) {
        drop();
      } else if (isWanted()) {
        dropIdle();
      }
    }

    /** Counts them no longer, as the thread that has them may never give them back. */
    void abandon() {
      free.release(shares.getAndSet(0));
    }

    private void drop() {
      readAhead.close();
      abandon();
    }
  }

  /**
   * Lends what a lane needs.
   *
   * @throws CancelledException if this thread is interrupted while it waits
   */
  Lent forLane() throws CancelledException {
    Lent kept = idle.poll();
    if (kept != null) {
      return kept;
    }
    take(sharesOfLane());
    return new Lent(bufferBytes, sharesOfLane(), true);
  }

  /**
   * Lends what it takes to read so many bytes without reading ahead.
   *
   * @throws CancelledException if this thread is interrupted while it waits
   */
  Lent forSmallFile(long bytes) throws CancelledException {
    int length = (int) Math.min(bytes, bufferBytes);
    take(sharesOf(length));
    return new Lent(length, sharesOf(length), false);
  }

  @Override
  public void close() {
    closed = true;
    dropIdle();
  }

  private void dropIdle() {
    for (Lent lent = idle.poll(); lent != null; lent = idle.poll()) {
      lent.drop();
    }
  }

  /**
   * Waits for memory in the order of those that wait, so that a lane, which needs more, gets its
   * turn. Those that have some are watched, so this thread need not be.
   */
  private void take(int shares) throws CancelledException {
    try {
      if (free.tryAcquire(shares, 0, TimeUnit.MILLISECONDS)) {
        return;
      }
      waiting.getAndIncrement();
      try {
        dropIdle();
        GuardedPool.bounded();
        free.acquire(shares);
      } finally {
        waiting.getAndDecrement();
        GuardedPool.progressed();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    }
  }

  /** Whether what lanes keep is for others. */
  private boolean isWanted() {
    return closed || waiting.get() > 0;
  }

  private int sharesOfLane() {
    return ReadAhead.BUFFERS * sharesOf(bufferBytes);
  }

  private static int sharesOf(int bytes) {
    return Math.max(1, (int) ((bytes + SHARE - 1L) / SHARE));
  }
}
