package dev.countersign.source.reading;

import dev.countersign.source.pool.GuardedPool;
import dev.countersign.source.reading.UnitHasher.CancelledException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one reader. All that are lent at a time have no more than lanes × {@value
 * ReadAhead#BUFFERS} × the size of a buffer or of a part, whichever is larger ({@link
 * ReadSettings#bufferBytes}, {@link RangeSettings#bytes}), however many small files and parts of
 * large ones are read at once. A small file has one buffer of its own length, and of {@code
 * bufferBytes} at most. What a thread holds that was given up does not count. Buffers of lanes and
 * parts are kept from one unit to the next, until somebody else needs the memory.
 *
 * <p>Nobody waits here while having a buffer, so each wait ends. Thread safe.
 */
final class ReadBuffers implements AutoCloseable {

  /** What memory is counted in, in bytes. */
  private static final int SHARE = 1_024;

  private final int bufferBytes;
  private final int partBytes;
  private final int mostParts;
  private final Semaphore free;
  private final BlockingQueue<Lent> idle;
  private final BlockingQueue<PartBuffer> idleParts;
  private final AtomicInteger ranges = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile boolean closed;

  /** Nothing is allocated yet. */
  ReadBuffers(ReadSettings settings) {
    bufferBytes = settings.bufferBytes();
    partBytes = settings.ranges().bytes();
    long shares =
        (long) settings.lanes() * ReadAhead.BUFFERS * sharesOf(Math.max(bufferBytes, partBytes));
    int total = (int) Math.min(Integer.MAX_VALUE, shares);
    mostParts = Math.max(1, total / sharesOf(partBytes));
    free = new Semaphore(total, true);
    idle = new ArrayBlockingQueue<>(settings.lanes());
    idleParts =
        new ArrayBlockingQueue<>(
            (int) Math.min(mostParts, (long) settings.lanes() * RangePump.MOST_IN_FLIGHT));
  }

  /** What was lent to a thread that may have to be given up. */
  interface Borrowed {
    /** Counts it no longer, as the thread that has it may never give it back. */
    void abandon();
  }

  /** A buffer for one part of a range, until it is given back; for one thread at a time. */
  final class PartBuffer implements Borrowed {
    private final int length;
    private final AtomicInteger shares;
    private byte @Nullable [] bytes;

    private PartBuffer(int length) {
      this.length = length;
      this.shares = new AtomicInteger(sharesOf(length));
    }

    byte[] bytes() {
      if (bytes == null) {
        bytes = new byte[length];
      }
      return bytes;
    }

    /** Leaves the bytes to a thread that was given up and may still write to them. */
    void renew() {
      bytes = null;
    }

    void giveBack() {
      boolean isKept =
          length == partBytes && shares.get() > 0 && !isWanted() && idleParts.offer(this);
      if (!isKept) {
        abandon();
      } else if (isWanted()) {
        dropIdle();
      }
    }

    @Override
    public void abandon() {
      free.release(shares.getAndSet(0));
    }
  }

  /** Buffers for one thread, until it gives them back. */
  final class Lent implements Borrowed {
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

    @Override
    public void abandon() {
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

  /**
   * Lends a buffer for a part of a range.
   *
   * @throws CancelledException if this thread is interrupted while it waits
   */
  PartBuffer forPart(long bytes) throws CancelledException {
    PartBuffer found = findForPart(bytes);
    if (found != null) {
      return found;
    }
    int length = lengthFor(bytes);
    take(sharesOf(length));
    return new PartBuffer(length);
  }

  /** Lends a buffer for a part of a range if nobody has to wait for it; else null. */
  @Nullable PartBuffer findForPart(long bytes) {
    int length = lengthFor(bytes);
    PartBuffer kept = length == partBytes ? idleParts.poll() : null;
    if (kept != null) {
      return kept;
    }
    try {
      return free.tryAcquire(sharesOf(length), 0, TimeUnit.MILLISECONDS)
          ? new PartBuffer(length)
          : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /** A part that is almost full has a full buffer, which the next one can have. */
  private int lengthFor(long bytes) {
    return bytes > partBytes / 2 ? partBytes : (int) bytes;
  }

  /** How many parts there are buffers for. */
  int mostParts() {
    return mostParts;
  }

  /** A lane begins to read a range in several parts. */
  void rangeBegins() {
    ranges.getAndIncrement();
  }

  /** A lane has ended what {@link #rangeBegins} says. */
  void rangeEnds() {
    ranges.getAndDecrement();
  }

  /** How many parts a lane may have in flight, so that others get as many. */
  int partsForEach() {
    int lanes = Math.max(1, ranges.get());
    return Math.min(RangePump.MOST_IN_FLIGHT, (mostParts + lanes - 1) / lanes);
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
    for (PartBuffer part = idleParts.poll(); part != null; part = idleParts.poll()) {
      part.abandon();
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

  /** Whether what is kept is for others. */
  boolean isWanted() {
    return closed || waiting.get() > 0;
  }

  private int sharesOfLane() {
    return ReadAhead.BUFFERS * sharesOf(bufferBytes);
  }

  private static int sharesOf(int bytes) {
    return Math.max(1, (int) ((bytes + SHARE - 1L) / SHARE));
  }
}
