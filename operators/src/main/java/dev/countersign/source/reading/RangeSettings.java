package dev.countersign.source.reading;

import dev.countersign.outcome.FailureLimit;
import dev.countersign.outcome.FaultSettings;
import java.io.Serializable;
import java.time.Duration;

/**
 * How ranges of files are read from stores that answer each part with a request of its own.
 *
 * @param bytes most bytes that one request asks for
 * @param retries how often a request is repeated after a transient fault; 0 for never
 */
public record RangeSettings(int bytes, int retries) implements Serializable {

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** Refuses what is not positive. */
  public RangeSettings {
    if (bytes < 1 || retries < 0) {
      throw new IllegalArgumentException("range settings must be positive");
    }
  }

  /** Requests of 8 MiB, each repeated as often as anything else in a run. */
  public static RangeSettings defaults() {
    return new RangeSettings(8 << 20, FaultSettings.defaults().retries());
  }

  /** The pauses between requests: shorter than those for whole units, since little is repeated. */
  FaultSettings faults() {
    return new FaultSettings(retries, Duration.ofMillis(100), LONGEST_PAUSE, FailureLimit.NONE);
  }

  /** The pauses between requests to a store that asks for fewer of them. */
  FaultSettings throttling() {
    return new FaultSettings(retries, Duration.ofMillis(500), LONGEST_PAUSE, FailureLimit.NONE);
  }
}
