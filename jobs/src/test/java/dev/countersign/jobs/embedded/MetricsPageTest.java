package dev.countersign.jobs.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.metrics.LatencyHistogram;
import dev.countersign.metrics.RunMetric;
import java.util.Arrays;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.SimpleCounter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MetricsPageTest {

  @Test
  void page_ofAnEmptyBoard_hasEachMetricAtZero() {
    PrometheusText page = PrometheusText.parse(MetricsPage.of(new MetricBoard()));

    assertThat(page.types().keySet())
        .containsExactlyElementsOf(
            Arrays.stream(RunMetric.values()).map(RunMetric::exposedName).toList());
    assertThat(page.samples().values()).allMatch(value -> value == 0);
    assertThat(page.samples())
        .containsKeys(
            "countersign_models_total{outcome=\"SIGNED\"}",
            "countersign_failures_total{reason=\"CONTENT_MISMATCH\"}",
            "countersign_signature_seconds_bucket{le=\"0.001\"}",
            "countersign_signature_seconds_bucket{le=\"+Inf\"}");
  }

  @Test
  void page_ofSeveralTasks_hasSumsInSecondsAndBytes() {
    MetricBoard board = new MetricBoard();
    for (int task = 0; task < 2; task++) {
      board.add(counter(1_500_000_000L), "hashingNanos");
      board.add(counter(3), "models.SIGNED");
      board.add(counter(1), "failures.UNSIGNED");
      board.add(counter(1L << 40), "bytesHashed");
      LatencyHistogram signatures = new LatencyHistogram();
      signatures.update(2_000_000);
      board.add(signatures, "signatureNanos");
    }
    board.add((Gauge<Long>) () -> 17L, "unitsOut");

    PrometheusText page = PrometheusText.parse(MetricsPage.of(board));

    assertThat(page.value("countersign_hashing_seconds_total")).isEqualTo(3);
    assertThat(page.value("countersign_models_total{outcome=\"SIGNED\"}")).isEqualTo(6);
    assertThat(page.value("countersign_failures_total{reason=\"UNSIGNED\"}")).isEqualTo(2);
    assertThat(page.value("countersign_hashed_bytes_total")).isEqualTo(0x1p41);
    assertThat(page.value("countersign_in_flight_units")).isEqualTo(17);
    assertThat(page.value("countersign_signature_seconds_bucket{le=\"0.001\"}")).isZero();
    assertThat(page.value("countersign_signature_seconds_bucket{le=\"0.0025\"}")).isEqualTo(2);
    assertThat(page.value("countersign_signature_seconds_sum")).isEqualTo(0.004);
    assertThat(page.value("countersign_signature_seconds_count")).isEqualTo(2);
  }

  @Test
  void texts_withSpecialCharacters_areEscaped() {
    assertThat(MetricsPage.escapedHelp("a\\b\nc\"d")).isEqualTo("a\\\\b\\nc\"d");
    assertThat(MetricsPage.escapedLabel("a\\b\nc\"d")).isEqualTo("a\\\\b\\nc\\\"d");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a_total 1\n",
        "# HELP a_total x\n# TYPE a_total counter\na_total 1",
        "# HELP a x\n# TYPE a counter\na 1\n",
        "# HELP a_total x\n# TYPE a_total counter\nb_total 1\n",
        "# HELP a_total x\n# TYPE a_total counter\na_total 1\na_total 1\n",
        "# HELP a_total x\n# TYPE a_total counter\na_total{x=\"\"\"} 1\n",
        "# HELP a_total x\n# TYPE a_total counter\na_total one\n",
        "# HELP a_total x\n# TYPE a_total counter\n\na_total 1\n",
        "# TYPE a_total counter\na_total 1\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
        "# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
      })
  void page_thatBreaksARule_isRefusedByTheReaderOfTheseTests(String page) {
    assertThatThrownBy(() -> PrometheusText.parse(page)).isInstanceOf(AssertionError.class);
  }

  private static SimpleCounter counter(long count) {
    SimpleCounter counter = new SimpleCounter();
    counter.inc(count);
    return counter;
  }
}
