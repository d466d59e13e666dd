package dev.countersign.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Outcome;
import dev.countersign.storage.RequestCounts;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RunMetricTest {

  @Test
  void names_ofMetrics_areAllDifferent() {
    assertThat(Arrays.stream(RunMetric.values()).map(RunMetric::documentedName))
        .doesNotHaveDuplicates();
    assertThat(Arrays.stream(RunMetric.values()).map(RunMetric::exposedName))
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource
  void name_ofAMetric_followsPrometheusConventions(RunMetric metric) {
    assertThat(metric.exposedName()).matches("countersign_[a-z]+(_[a-z]+)*");
    switch (metric.kind()) {
      case COUNTER -> assertThat(metric.exposedName()).endsWith("_total");
      case TIME -> assertThat(metric.exposedName()).endsWith("_seconds_total");
      case LATENCY -> assertThat(metric.exposedName()).endsWith("_seconds");
      case GAUGE -> assertThat(metric.exposedName()).doesNotEndWith("_total");
    }
    assertThat(metric.help()).endsWith(".");
  }

  @Test
  void labels_ofMetrics_areKindsOutcomesAndReasonsOnly() {
    assertThat(RunMetric.MODELS.labelValues())
        .hasSize(Outcome.values().length - 1)
        .contains("SIGNED", "FAILED")
        .doesNotContain("UNKNOWN");
    assertThat(RunMetric.FAILURES.labelValues())
        .hasSize(FailureReason.values().length - 2)
        .contains("CONTENT_MISMATCH")
        .doesNotContain("UNKNOWN", "NONE");
    assertThat(RunMetric.MODELS.flinkName("SIGNED")).isEqualTo("models.SIGNED");
    assertThat(RunMetric.values())
        .filteredOn(metric -> !metric.label().isEmpty())
        .containsExactly(RunMetric.REQUESTS, RunMetric.MODELS, RunMetric.FAILURES);
    assertThat(RunMetric.REQUESTS.labelValues())
        .isEqualTo(Arrays.stream(RequestCounts.Kind.values()).map(Enum::name).toList());
  }
}
