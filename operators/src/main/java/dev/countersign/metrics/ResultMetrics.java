package dev.countersign.metrics;

import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Outcome;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/**
 * Counts results by outcome and by reason. All counters are there from the start, so that a sum
 * over them is known to be whole. Thread safe.
 */
public final class ResultMetrics {

  private final Map<String, Counter> outcomes;
  private final Map<String, Counter> reasons;

  /** Registers the counters below {@code parent}. */
  public ResultMetrics(MetricGroup parent) {
    outcomes = RunMetric.MODELS.counters(parent);
    reasons = RunMetric.FAILURES.counters(parent);
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
