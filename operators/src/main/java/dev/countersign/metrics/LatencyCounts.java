package dev.countersign.metrics;

import java.util.List;
import org.apache.flink.metrics.HistogramStatistics;

/**
 * Numbers of lengths of time, in nanoseconds, that were counted below each of fixed bounds; what
 * Flink's reporters want to know, as well as bounds tell it. Immutable.
 */
public final class LatencyCounts extends HistogramStatistics {

  /**
   * Upper bounds, inclusive, in nanoseconds, in rising order: from half a millisecond to five
   * minutes.
   */
  public static final List<Long> BOUNDS =
      List.of(
          500_000L,
          1_000_000L,
          2_500_000L,
          5_000_000L,
          10_000_000L,
          25_000_000L,
          50_000_000L,
          100_000_000L,
          250_000_000L,
          500_000_000L,
          1_000_000_000L,
          2_500_000_000L,
          5_000_000_000L,
          10_000_000_000L,
          30_000_000_000L,
          60_000_000_000L,
          300_000_000_000L);

  /** Nothing counted. */
  public static final LatencyCounts NONE = new LatencyCounts(new long[BOUNDS.size() + 1], 0, 0);

  private final long[] counts;
  private final long sumNanos;
  private final long maxNanos;

  /** Takes {@code counts}, one for each bound and one for what is above the last. */
  LatencyCounts(long[] counts, long sumNanos, long maxNanos) {
    this.counts = counts;
    this.sumNanos = sumNanos;
    this.maxNanos = maxNanos;
  }

  static int bucketOf(long nanos) {
    int bucket = 0;
    while (bucket < BOUNDS.size() && nanos > BOUNDS.get(bucket)) {
      bucket++;
    }
    return bucket;
  }

  /** Returns how many were at most {@code BOUNDS.get(bound)}. */
  public long atMost(int bound) {
    long sum = 0;
    for (int i = 0; i <= bound; i++) {
      sum += counts[i];
    }
    return sum;
  }

  /** Returns how many were counted. */
  public long total() {
    return atMost(counts.length - 1);
  }

  /** Returns the sum of all, in nanoseconds. */
  public long sumNanos() {
    return sumNanos;
  }

  /** Returns what was counted here and there. */
  public LatencyCounts plus(LatencyCounts other) {
    long[] sums = counts.clone();
    for (int i = 0; i < sums.length; i++) {
      sums[i] += other.counts[i];
    }
    return new LatencyCounts(sums, sumNanos + other.sumNanos, Math.max(maxNanos, other.maxNanos));
  }

  /**
   * Returns the least bound that a share of all lies at or below, in nanoseconds; the greatest
   * value where that is less. 0 if nothing was counted.
   *
   * @param share from 0 to 1
   */
  @Override
  public double getQuantile(double share) {
    long total = total();
    if (total == 0) {
      return 0;
    }
    long rank = Math.max(1, (long) Math.ceil(share * total));
    for (int bound = 0; bound < BOUNDS.size(); bound++) {
      if (atMost(bound) >= rank) {
        return Math.min(BOUNDS.get(bound), maxNanos);
      }
    }
    return maxNanos;
  }

  /** The values themselves are not kept. */
  @Override
  public long[] getValues() {
    return new long[0];
  }

  @Override
  public int size() {
    return (int) Math.min(Integer.MAX_VALUE, total());
  }

  @Override
  public double getMean() {
    return total() == 0 ? 0 : (double) sumNanos / total();
  }

  /** Not known. */
  @Override
  public double getStdDev() {
    return Double.NaN;
  }

  /** The greatest of all; 0 if there is none. */
  @Override
  public long getMax() {
    return maxNanos;
  }

  @Override
  public long getMin() {
    return (long) getQuantile(0);
  }
}
