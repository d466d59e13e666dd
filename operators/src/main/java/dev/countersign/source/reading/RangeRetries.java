package dev.countersign.source.reading;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.source.reading.UnitHasher.CancelledException;
import dev.countersign.storage.RangeSource;
import dev.countersign.storage.StorageException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/**
 * Repeats requests for parts of ranges after transient faults. Each part has a count of its own, so
 * that the length of a file does not decide whether it can be read from a store that fails some of
 * its requests. Thread safe.
 */
final class RangeRetries {

  /** How long a pause may go on after the work was cancelled, in milliseconds. */
  private static final long SLICE_MILLIS = 100;

  private final FaultSettings faults;
  private final FaultSettings throttling;

  RangeRetries(RangeSettings settings) {
    this.faults = settings.faults();
    this.throttling = settings.throttling();
  }

  /** Tells whether what was repeated so often may be repeated again. */
  boolean allows(int before) {
    return faults.allows(before);
  }

  /**
   * Reads a part into the beginning of a buffer, on this thread.
   *
   * @param isCancelled whether the part is no longer wanted
   * @throws StorageException if repeating the request is pointless
   * @throws ModelFailure if it was repeated in vain; it is not transient then
   * @throws CancelledException if the part is no longer wanted, or the thread is interrupted
   */
  void read(
      RangeSource source, long position, byte[] buffer, int length, BooleanSupplier isCancelled)
      throws StorageException, ModelFailure, CancelledException {
    for (int before = 0; ; before++) {
      if (isCancelled.getAsBoolean()) {
        throw new CancelledException();
      }
      try {
        source.read(position, buffer, 0, length);
        return;
      } catch (StorageException e) {
        if (!e.transientFault()) {
          throw e;
        }
        if (!allows(before)) {
          throw LibraryFaults.failureOf(e).afterTries(1 + before);
        }
        boolean isThrottled = e.kind() == StorageException.Kind.THROTTLED;
        FaultSettings pauses = isThrottled ? throttling : faults;
        pause(pauses.pauseMillis(before, ThreadLocalRandom.current().nextDouble()), isCancelled);
      }
    }
  }

  private static void pause(long millis, BooleanSupplier isCancelled) throws CancelledException {
    GuardedPool.bounded();
    try {
      for (long left = millis; left > 0 && !isCancelled.getAsBoolean(); left -= SLICE_MILLIS) {
        Thread.sleep(Math.min(left, SLICE_MILLIS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    } finally {
      GuardedPool.progressed();
    }
  }
}
