package dev.countersign.metrics;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;

/**
 * Counts lengths of time, in nanoseconds, by fixed bounds, so that histograms of many tasks add up.
 * Thread safe; an update costs two additions and takes no lock.
 */
public final class LatencyHistogram implements Histogram {

  private final AtomicLongArray counts = new AtomicLongArray(LatencyCounts.BOUNDS.size() + 1);
  private final LongAdder sum = new LongAdder();
  private final AtomicLong max = new AtomicLong();

  /** An empty histogram. */
  public LatencyHistogram() {}

  @Override
  public void update(long nanos) {
    var unused = counts.incrementAndGet(LatencyCounts.bucketOf(nanos));
    sum.add(nanos);
    unused = max.accumulateAndGet(nanos, Math::max);
  }

  /** Counts the time that has passed since {@code startedNanos} by {@link System#nanoTime}. */
  public void updateSince(long startedNanos) {
    update(System.nanoTime() - startedNanos);
  }

  @Override
  public long getCount() {
    return counts().total();
  }

  @Override
  public HistogramStatistics getStatistics() {
    return new Statistics(counts());
  }

  /** Returns what has been counted so far. */
  public LatencyCounts counts() {
    long[] copy = new long[counts.length()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = counts.get(i);
    }
    return new LatencyCounts(copy, sum.sum(), max.get());
  }

  /** What Flink's reporters want to know, as well as bounds tell it. */
  private static final class Statistics extends HistogramStatistics {
    private final LatencyCounts counts;

    Statistics(LatencyCounts counts) {
      this.counts = counts;
    }

    @Override
    public double getQuantile(double quantile) {
      return counts.quantile(quantile);
    }

    /** The values themselves are not kept. */
    @Override
    public long[] getValues() {
      return new long[0];
    }

    @Override
    public int size() {
      return (int) Math.min(Integer.MAX_VALUE, counts.total());
    }

    @Override
    public double getMean() {
      return counts.total() == 0 ? 0 : (double) counts.sumNanos() / counts.total();
    }

    /** Not known. */
    @Override
    public double getStdDev() {
      return Double.NaN;
    }

    @Override
    public long getMax() {
      return counts.maxNanos();
    }

    @Override
    public long getMin() {
      return (long) counts.quantile(0);
    }
  }
}
