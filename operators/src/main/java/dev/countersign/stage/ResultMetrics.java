package dev.countersign.stage;

import dev.countersign.schemas.Outcome;
import dev.countersign.source.ModelSourceMetrics;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Counts results by outcome, as {@code models.SIGNED} and so on in the group {@link
 * ModelSourceMetrics#GROUP}. Thread safe, though the counters belong to one task.
 */
public final class ResultMetrics {

  /** What the names of these counters begin with. */
  public static final String MODELS = "models.";

  private final Map<Outcome, Counter> counters = new EnumMap<>(Outcome.class);

  ResultMetrics(MetricGroup parent) {
    MetricGroup group = parent.addGroup(ModelSourceMetrics.GROUP);
    for (Outcome outcome : Outcome.values()) {
      if (outcome != Outcome.UNKNOWN) {
        counters.put(outcome, group.counter(MODELS + outcome.name()));
      }
    }
  }

  synchronized void count(Outcome outcome) {
    Counter counter = counters.get(outcome);
    if (counter != null) {
      counter.inc();
    }
  }
}
