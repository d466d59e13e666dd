package dev.countersign.metrics;

import org.apache.flink.metrics.MetricGroup;

/**
 * How long signing takes. Thread safe.
 *
 * @param signature {@link RunMetric#SIGNATURE_NANOS}
 * @param bundleWrite {@link RunMetric#BUNDLE_WRITE_NANOS}
 */
public record SigningMetrics(LatencyHistogram signature, LatencyHistogram bundleWrite) {

  /** Registers them below {@code parent}. */
  public static SigningMetrics in(MetricGroup parent) {
    MetricGroup group = parent.addGroup(RunMetric.GROUP);
    return new SigningMetrics(
        group.histogram(RunMetric.SIGNATURE_NANOS.flinkName(), new LatencyHistogram()),
        group.histogram(RunMetric.BUNDLE_WRITE_NANOS.flinkName(), new LatencyHistogram()));
  }
}
