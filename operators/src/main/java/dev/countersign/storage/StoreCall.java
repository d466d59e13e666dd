package dev.countersign.storage;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Call to a store while a command starts, before there is a run that repeats what fails.
 *
 * @param <T> what it returns
 */
@FunctionalInterface
public interface StoreCall<T> {

  /** How often a call is made at most. */
  int ATTEMPTS = 5;

  /** After this time a call is not made again, so that a wrong address is reported soon. */
  Duration PATIENCE = Duration.ofSeconds(5);

  /** The pause after the first attempt, at most; each one after that may be twice as long. */
  Duration FIRST_PAUSE = Duration.ofMillis(200);

  /** Makes the call. */
  T call() throws StorageException;

  /** Makes a call, and makes it again for some seconds if it fails for a reason that may pass. */
  static <T> T patiently(StoreCall<T> call) throws StorageException {
    long begin = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        return call.call();
      } catch (StorageException e) {
        if (!e.transientFault()
            || attempt == ATTEMPTS
            || System.nanoTime() - begin > PATIENCE.toNanos()
            || !pauses(FIRST_PAUSE.toMillis() << (attempt - 1))) {
          throw e;
        }
      }
    }
  }

  /** Waits for half of a time or more; false if the thread is to end instead. */
  private static boolean pauses(long millis) {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
