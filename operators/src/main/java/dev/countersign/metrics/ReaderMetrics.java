package dev.countersign.metrics;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;

/**
 * A reader's counters; safe to count from lanes.
 *
 * @param bytes {@link RunMetric#BYTES_HASHED}
 * @param files {@link RunMetric#FILES_HASHED}
 * @param units {@link RunMetric#UNITS_FINISHED}
 * @param hashing {@link RunMetric#HASHING_NANOS}
 * @param reading {@link RunMetric#READING_NANOS}
 */
public record ReaderMetrics(
    Counter bytes, Counter files, Counter units, Counter hashing, Counter reading) {

  /** Registers them below {@code parent}. */
  public static ReaderMetrics in(MetricGroup parent) {
    MetricGroup group = parent.addGroup(RunMetric.GROUP);
    return new ReaderMetrics(
        counter(group, RunMetric.BYTES_HASHED),
        counter(group, RunMetric.FILES_HASHED),
        counter(group, RunMetric.UNITS_FINISHED),
        counter(group, RunMetric.HASHING_NANOS),
        counter(group, RunMetric.READING_NANOS));
  }

  private static Counter counter(MetricGroup group, RunMetric metric) {
    return group.counter(metric.flinkName(), new ThreadSafeSimpleCounter());
  }
}
