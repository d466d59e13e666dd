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
    return counts();
  }

  /** Returns what has been counted so far. */
  public LatencyCounts counts() {
    long[] copy = new long[counts.length()];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = counts.get(i);
    }
    return new LatencyCounts(copy, sum.sum(), max.get());
  }
}
