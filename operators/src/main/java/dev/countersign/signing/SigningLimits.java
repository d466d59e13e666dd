package dev.countersign.signing;

import java.io.Serializable;

/**
 * How much a run asks of services at a time.
 *
 * @param concurrency signatures in progress at most, positive
 * @param rate signatures started per second at most; 0 for no limit
 */
public record SigningLimits(int concurrency, double rate) implements Serializable {

  /** The default limits. */
  public static final SigningLimits DEFAULT = new SigningLimits(128, 0);

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException if one is not allowed
   */
  public SigningLimits {
    if (concurrency < 1 || !(rate >= 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("not limits: " + concurrency + ", " + rate);
    }
  }

  /**
   * Returns the share of one of several equal workers, so that all of them together keep the
   * limits.
   *
   * @param worker number of the worker, from 0
   * @param workers how many there are, at most {@link #concurrency}
   */
  public SigningLimits share(int worker, int workers) {
    int more = worker < concurrency % workers ? 1 : 0;
    return new SigningLimits(Math.max(1, concurrency / workers + more), rate / workers);
  }
}
