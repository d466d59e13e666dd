package dev.countersign.metrics;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * A reader's counters; safe to count from lanes.
 *
 * @param bytes {@link RunMetric#BYTES_HASHED}
 * @param files {@link RunMetric#FILES_HASHED}
 * @param units {@link RunMetric#UNITS_FINISHED}
 * @param hashing {@link RunMetric#HASHING_NANOS}
 * @param reading {@link RunMetric#READING_NANOS}
 * @param requests {@link RunMetric#REQUESTS}
 */
public record ReaderMetrics(
    Counter bytes,
    Counter files,
    Counter units,
    Counter hashing,
    Counter reading,
    RequestMetrics requests) {

  /** Registers them below {@code parent}. */
  public static ReaderMetrics in(MetricGroup parent) {
    return new ReaderMetrics(
        RunMetric.BYTES_HASHED.counter(parent),
        RunMetric.FILES_HASHED.counter(parent),
        RunMetric.UNITS_FINISHED.counter(parent),
        RunMetric.HASHING_NANOS.counter(parent),
        RunMetric.READING_NANOS.counter(parent),
        new RequestMetrics(parent));
  }
}
