package dev.countersign.metrics;

import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Counts requests to object stores by kind, those of discarded attempts included. All counters are
 * there from the start. Thread safe.
 */
public final class RequestMetrics {

  private final Map<String, Counter> kinds;

  /** Registers the counters below {@code parent}. */
  public RequestMetrics(MetricGroup parent) {
    kinds = RunMetric.REQUESTS.counters(parent);
  }

  /** Counts requests; a kind that this version does not know is left out. */
  public void add(Map<String, Long> requests) {
    requests.forEach(
        (kind, count) -> {
          Counter counter = kinds.get(kind);
          if (counter != null) {
            counter.inc(count);
          }
        });
  }
}
