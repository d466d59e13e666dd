package dev.countersign.jobs.embedded;

import dev.countersign.jobs.execution.EngineFigures;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.ModelSourceMetrics;
import dev.countersign.stage.ResultMetrics;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;

/**
 * The metrics of one run in this process, added up over tasks. What a task counted before it ended
 * stays counted. Thread safe.
 */
final class MetricBoard {

  private final Map<Metric, String> live = new HashMap<>();
  private final Map<String, Long> ended = new HashMap<>();

  synchronized void add(Metric metric, String name) {
    live.put(metric, name);
  }

  /** A counter's sum is kept; a gauge's last value is, until another gauge takes its place. */
  synchronized void remove(Metric metric, String name) {
    if (live.remove(metric) == null) {
      return;
    }
    if (metric instanceof Gauge<?>) {
      ended.put(name, value(metric));
    } else {
      ended.merge(name, value(metric), Long::sum);
    }
  }

  synchronized EngineFigures figures() {
    return new EngineFigures(
        gauge(ModelSourceMetrics.MODELS_PLANNED),
        counter(ResultMetrics.MODELS, true),
        counter(ResultMetrics.MODELS + Outcome.FAILED, false),
        gauge(ModelSourceMetrics.BYTES_PLANNED),
        counter(ModelSourceMetrics.BYTES_HASHED, false));
  }

  private long gauge(String name) {
    for (Map.Entry<Metric, String> entry : live.entrySet()) {
      if (entry.getValue().equals(name)) {
        return value(entry.getKey());
      }
    }
    return ended.getOrDefault(name, 0L);
  }

  private long counter(String name, boolean isPrefix) {
    long sum = 0;
    for (Map.Entry<Metric, String> entry : live.entrySet()) {
      sum += matches(entry.getValue(), name, isPrefix) ? value(entry.getKey()) : 0;
    }
    for (Map.Entry<String, Long> entry : ended.entrySet()) {
      sum += matches(entry.getKey(), name, isPrefix) ? entry.getValue() : 0;
    }
    return sum;
  }

  private static boolean matches(String metric, String name, boolean isPrefix) {
    return isPrefix ? metric.startsWith(name) : metric.equals(name);
  }

  private static long value(Metric metric) {
    if (metric instanceof Counter counter) {
      return counter.getCount();
    }
    return metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number number
        ? number.longValue()
        : 0;
  }
}
