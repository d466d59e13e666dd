package dev.countersign.sink;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.oms.OmsException;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Tries again what could not be written for a reason that may pass, on the thread that writes. All
 * its waits together are bounded, since a checkpoint may have to wait for that thread. Thread safe.
 */
public final class WriteRetries {

  private final FaultSettings settings;
  private final long longestWaitMillis;

  /**
   * Retries as {@code settings} say.
   *
   * @param longestWait how long all waits for one write may be together
   */
  public WriteRetries(FaultSettings settings, Duration longestWait) {
    this.settings = settings;
    this.longestWaitMillis = longestWait.toMillis();
  }

  /**
   * Something that writes, and may be done again whatever it did before.
   *
   * @param <T> what it gives back
   */
  @FunctionalInterface
  public interface Write<T> {
    /** Writes. */
    T run() throws StorageException, OmsException, ModelFailure;
  }

  /**
   * Writes, and returns what the write gives back.
   *
   * @param again called before each time that it is tried again
   * @throws ModelFailure if it was tried in vain; the message says how often
   */
  public <T> T call(Write<T> write, Runnable again) throws OmsException, ModelFailure {
    long left = longestWaitMillis;
    for (int tries = 1; ; tries++) {
      ModelFailure failure;
      try {
        return write.run();
      } catch (StorageException e) {
        failure = LibraryFaults.failureOf(e);
      }
      if (!failure.isTransient()) {
        throw failure;
      }
      long pause =
          Math.min(left, settings.pauseMillis(tries - 1, ThreadLocalRandom.current().nextDouble()));
      if (tries > settings.retries() || left <= 0 || !sleeps(pause)) {
        throw failure.afterTries(tries);
      }
      left -= pause;
      again.run();
    }
  }

  /** Waits; false if the thread is to end instead. */
  private static boolean sleeps(long millis) {
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
