package dev.countersign.metrics;

import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Outcome;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.jspecify.annotations.Nullable;

/**
 * Counts results by outcome and by reason. All counters are there from the start, so that a sum
 * over them is known to be whole. Thread safe.
 */
public final class ResultMetrics {

  private final Map<String, Counter> outcomes;
  private final Map<String, Counter> reasons;

  private ResultMetrics(Map<String, Counter> outcomes, Map<String, Counter> reasons) {
    this.outcomes = outcomes;
    this.reasons = reasons;
  }

  /** Registers the counters below {@code parent}. */
  public static ResultMetrics in(MetricGroup parent) {
    MetricGroup group = parent.addGroup(RunMetric.GROUP);
    return new ResultMetrics(
        counters(group, RunMetric.MODELS), counters(group, RunMetric.FAILURES));
  }

  private static Map<String, Counter> counters(MetricGroup group, RunMetric metric) {
    Map<String, Counter> counters = new HashMap<>();
    for (String value : metric.labelValues()) {
      counters.put(value, group.counter(metric.flinkName(value), new ThreadSafeSimpleCounter()));
    }
    return counters;
  }

  /** Counts one result. */
  public void count(Outcome outcome, FailureReason reason) {
    increment(outcomes.get(outcome.name()));
    increment(reasons.get(reason.name()));
  }

  private static void increment(@Nullable Counter counter) {
    if (counter != null) {
      counter.inc();
    }
  }
}
