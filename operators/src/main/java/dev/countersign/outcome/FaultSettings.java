package dev.countersign.outcome;

import java.io.Serializable;
import java.time.Duration;

/**
 * What a run does about faults: the one policy by which planning a model, reading a unit, listing a
 * model for the last time and writing its bundle are tried again.
 *
 * @param retries how often each of them is tried again after a fault that may pass; 0 for never
 * @param firstPause how long to wait before the first time, about; it doubles each time
 * @param longestPause the longest such wait, about
 * @param limit how many models may fail before the run ends early
 */
public record FaultSettings(
    int retries, Duration firstPause, Duration longestPause, FailureLimit limit)
    implements Serializable {

  /** Refuses what is negative, and pauses of no time. */
  public FaultSettings {
    if (retries < 0 || firstPause.toMillis() < 1 || longestPause.compareTo(firstPause) < 0) {
      throw new IllegalArgumentException("fault settings must be positive");
    }
  }

  /** Three retries, after about 1, 2 and 4 seconds, 30 at most; all models may fail. */
  public static FaultSettings defaults() {
    return new FaultSettings(3, Duration.ofSeconds(1), Duration.ofSeconds(30), FailureLimit.NONE);
  }

  /** These settings with another number of retries and another limit. */
  public FaultSettings with(int otherRetries, FailureLimit otherLimit) {
    return new FaultSettings(otherRetries, firstPause, longestPause, otherLimit);
  }

  /** Tells whether what was tried again so often may be tried once more. */
  public boolean allows(int before) {
    return before < retries;
  }

  /**
   * Returns how many milliseconds to wait before a retry: twice as long each time, and between half
   * of that and all of it, so that what failed together does not come back together.
   *
   * @param before how many retries there were before
   * @param random from 0 to less than 1
   */
  public long pauseMillis(int before, double random) {
    long longest = longestPause.toMillis();
    long first = firstPause.toMillis();
    long pause = before >= Long.numberOfLeadingZeros(first) - 1 ? longest : first << before;
    pause = Math.min(pause, longest);
    return pause / 2 + (long) ((pause - pause / 2) * random);
  }
}
