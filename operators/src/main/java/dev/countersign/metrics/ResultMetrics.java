package dev.countersign.metrics;

import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Outcome;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/**
 * Counts results by outcome and by reason, and the requests that it took to decide. All counters
 * are there from the start, so that a sum over them is known to be whole. Thread safe.
 */
public final class ResultMetrics {

  private final Map<String, Counter> outcomes;
  private final Map<String, Counter> reasons;
  private final RequestMetrics requests;

  /** Registers the counters below {@code parent}. */
  public ResultMetrics(MetricGroup parent) {
    outcomes = RunMetric.MODELS.counters(parent);
    reasons = RunMetric.FAILURES.counters(parent);
    requests = new RequestMetrics(parent);
  }

  /** Counts one result. */
  public void count(Outcome outcome, FailureReason reason) {
    increment(outcomes.get(outcome.name()));
    increment(reasons.get(reason.name()));
  }

  /** Counts requests to object stores by kind. */
  public void sent(Map<String, Long> sent) {
    requests.add(sent);
  }

  private static void increment(@Nullable Counter counter) {
    if (counter != null) {
      counter.inc();
    }
  }
}
