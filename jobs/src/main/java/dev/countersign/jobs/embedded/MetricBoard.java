package dev.countersign.jobs.embedded;

import dev.countersign.jobs.execution.EngineFigures;
import dev.countersign.metrics.LatencyCounts;
import dev.countersign.metrics.LatencyHistogram;
import dev.countersign.metrics.RunMetric;
import dev.countersign.schemas.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;

/**
 * The metrics of one run in this process, added up over tasks. What a task counted before it ended
 * stays counted. Thread safe.
 */
final class MetricBoard {

  /** The boards of the runs in this process. */
  private static final Map<String, MetricBoard> BOARDS = new ConcurrentHashMap<>();

  private final Map<Metric, String> live = new HashMap<>();
  private final Map<String, Long> ended = new HashMap<>();
  private final Map<String, LatencyCounts> endedLatencies = new HashMap<>();

  /** Returns the board of that name, a new one if there was none. */
  static MetricBoard named(String name) {
    return BOARDS.computeIfAbsent(name, unused -> new MetricBoard());
  }

  static void forget(String name) {
    BOARDS.remove(name);
  }

  synchronized void add(Metric metric, String name) {
    live.put(metric, name);
  }

  /** A counter's sum is kept; a gauge's last value is, until another gauge takes its place. */
  synchronized void remove(Metric metric, String name) {
    if (live.remove(metric) == null) {
      return;
    }
    if (metric instanceof LatencyHistogram latencies) {
      endedLatencies.merge(name, latencies.counts(), LatencyCounts::plus);
    } else if (metric instanceof Gauge<?>) {
      ended.put(name, value(metric));
    } else {
      ended.merge(name, value(metric), Long::sum);
    }
  }

  synchronized EngineFigures figures() {
    long done = 0;
    for (String outcome : RunMetric.MODELS.labelValues()) {
      done += value(RunMetric.MODELS.flinkName(outcome));
    }
    return new EngineFigures(
        value(RunMetric.MODELS_TOTAL.flinkName()),
        value(RunMetric.MODELS_PLANNED.flinkName()),
        done,
        value(RunMetric.MODELS.flinkName(Outcome.FAILED.name())),
        value(RunMetric.BYTES_PLANNED.flinkName()),
        value(RunMetric.BYTES_HASHED.flinkName()),
        value(RunMetric.LARGEST_FILE.flinkName()));
  }

  /** Returns a counter's sum over all tasks, or a gauge's value; 0 if there is none of the name. */
  synchronized long value(String name) {
    long sum = 0;
    for (Map.Entry<Metric, String> entry : live.entrySet()) {
      if (entry.getValue().equals(name)) {
        if (entry.getKey() instanceof Gauge<?>) {
          return value(entry.getKey());
        }
        sum += value(entry.getKey());
      }
    }
    return sum + ended.getOrDefault(name, 0L);
  }

  /** Returns a histogram's sum over all tasks; an empty one if there is none of the name. */
  synchronized LatencyCounts latencies(String name) {
    LatencyCounts sum = endedLatencies.getOrDefault(name, LatencyCounts.NONE);
    for (Map.Entry<Metric, String> entry : live.entrySet()) {
      if (entry.getValue().equals(name) && entry.getKey() instanceof LatencyHistogram latencies) {
        sum = sum.plus(latencies.counts());
      }
    }
    return sum;
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
