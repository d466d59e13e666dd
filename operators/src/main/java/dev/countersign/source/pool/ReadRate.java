package dev.countersign.source.pool;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Limits how many bytes the readers of a run read in a second. Each process has a part of the whole
 * that corresponds to the number of its readers, which share it: a reader that has nothing to do
 * leaves its part to the others of its process. Bytes are granted in the order in which they were
 * asked for. Thread safe.
 */
public final class ReadRate implements AutoCloseable {

  /** What was not used for longer than this is lost. */
  private static final long CREDIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final Map<String, ReadRate> RUNS = new ConcurrentHashMap<>();

  private final String key;
  private final double bytesPerReader;
  private final LongSupplier nanos;

  // Guarded by this.
  private int readers;
  private long free;

  /** A limit for a process without readers. */
  ReadRate(String key, double bytesPerReader, LongSupplier nanos) {
    this.key = key;
    this.bytesPerReader = bytesPerReader;
    this.nanos = nanos;
    this.free = nanos.getAsLong();
  }

  /** Returns a limit that grants everything at once. */
  public static ReadRate unlimited() {
    return new ReadRate("", 0, System::nanoTime);
  }

  /**
   * Counts a reader of this process in, until it closes the limit.
   *
   * @param run the run's id
   * @param bytesPerSecond for all readers of the run
   * @param readers how many readers the run has, in all processes
   */
  public static ReadRate join(String run, long bytesPerSecond, int readers) {
    String key = run + "/" + bytesPerSecond + "/" + readers;
    return RUNS.compute(
        key,
        (same, known) ->
            (known == null
                    ? new ReadRate(key, (double) bytesPerSecond / readers, System::nanoTime)
                    : known)
                .with(1));
  }

  @CanIgnoreReturnValue
  synchronized ReadRate with(int more) {
    readers += more;
    return this;
  }

  private synchronized boolean isUnused() {
    return readers <= 0;
  }

  /** A reader of this process ends. */
  @Override
  public void close() {
    RUNS.computeIfPresent(key, (same, known) -> known.with(-1).isUnused() ? null : known);
  }

  /**
   * Waits until so many bytes may be read, which does not count as a stall.
   *
   * @param isCancelled whether waiting is pointless
   * @throws InterruptedException if this thread is interrupted while it waits
   */
  public void take(long bytes, BooleanSupplier isCancelled) throws InterruptedException {
    long due = reserve(bytes);
    if (due - nanos.getAsLong() <= 0) {
      return;
    }
    GuardedPool.bounded();
    try {
      for (long left = due - nanos.getAsLong();
          left > 0 && !isCancelled.getAsBoolean();
          left = due - nanos.getAsLong()) {
        TimeUnit.NANOSECONDS.sleep(Math.min(left, LOOK_NANOS));
      }
    } finally {
      GuardedPool.progressed();
    }
  }

  /** Returns when bytes that are asked for now may be read. */
  synchronized long reserve(long bytes) {
    long now = nanos.getAsLong();
    if (bytesPerReader <= 0) {
      return now;
    }
    if (free - (now - CREDIT_NANOS) < 0) {
      free = now - CREDIT_NANOS;
    }
    free += (long) (bytes * 1e9 / (bytesPerReader * Math.max(1, readers)));
    return free;
  }
}
