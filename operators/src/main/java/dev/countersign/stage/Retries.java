package dev.countersign.stage;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.oms.OmsException;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Repeats what failed for a reason that may pass, on the thread that it failed on, as often and
 * after the same pauses as a plan or a unit is. Thread safe.
 */
final class Retries {

  private final FaultSettings settings;
  private final long longestNanos;

  /**
   * Retries as {@code settings} say.
   *
   * @param longest how long after its first attempt something is tried again at most, since a
   *     checkpoint may have to wait for it
   */
  Retries(FaultSettings settings, Duration longest) {
    this.settings = settings;
    this.longestNanos = longest.toNanos();
  }

  /**
   * Something that may be done again whatever it did before.
   *
   * @param <T> what it gives back
   */
  @FunctionalInterface
  interface Attempt<T> {
    /** Does it. */
    T run() throws StorageException, OmsException, ModelFailure;
  }

  /**
   * Does something, and returns what it gives back.
   *
   * @param again called before each time that it is tried again
   * @throws ModelFailure if it was tried in vain; the message says how often
   */
  <T> T call(Attempt<T> attempt, Runnable again) throws OmsException, ModelFailure {
    long began = System.nanoTime();
    for (int before = 0; ; before++) {
      ModelFailure failure;
      try {
        return attempt.run();
      } catch (StorageException e) {
        failure = LibraryFaults.failureOf(e);
      }
      if (!failure.isTransient()) {
        throw failure;
      }
      long pause = settings.pauseMillis(before, ThreadLocalRandom.current().nextDouble());
      if (!settings.allows(before)
          || System.nanoTime() - began + pause * 1_000_000 > longestNanos
          || !sleeps(pause)) {
        throw failure.afterTries(before + 1);
      }
      again.run();
    }
  }

  /** Waits; false if the thread is to end instead. */
  private static boolean sleeps(long millis) {
    GuardedPool.bounded();
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      GuardedPool.progressed();
    }
  }
}
