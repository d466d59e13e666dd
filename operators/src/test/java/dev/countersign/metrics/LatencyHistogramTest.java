package dev.countersign.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.metrics.HistogramStatistics;
import org.junit.jupiter.api.Test;

final class LatencyHistogramTest {

  private static final long MS = 1_000_000;

  @Test
  void counts_ofTimes_areByBoundsWithTheirSumAndMaximum() {
    LatencyHistogram histogram = new LatencyHistogram();

    histogram.update(MS);
    histogram.update(MS + 1);
    histogram.update(400_000 * MS);

    LatencyCounts counts = histogram.counts();
    assertThat(LatencyCounts.BOUNDS).isSorted().contains(MS);
    assertThat(counts.atMost(LatencyCounts.BOUNDS.indexOf(MS))).isEqualTo(1);
    assertThat(counts.atMost(LatencyCounts.BOUNDS.indexOf(MS) + 1)).isEqualTo(2);
    assertThat(counts.atMost(LatencyCounts.BOUNDS.size() - 1)).isEqualTo(2);
    assertThat(counts.total()).isEqualTo(3);
    assertThat(counts.sumNanos()).isEqualTo(400_002 * MS + 1);
    assertThat(counts.getMax()).isEqualTo(400_000 * MS);
    assertThat(histogram.getCount()).isEqualTo(3);
  }

  @Test
  void counts_ofTwoTasks_addUp() {
    LatencyHistogram one = new LatencyHistogram();
    LatencyHistogram other = new LatencyHistogram();
    one.update(MS);
    other.update(MS);
    other.update(30 * MS);

    LatencyCounts sum = LatencyCounts.NONE.plus(one.counts()).plus(other.counts());

    assertThat(sum.total()).isEqualTo(3);
    assertThat(sum.sumNanos()).isEqualTo(32 * MS);
    assertThat(sum.getMax()).isEqualTo(30 * MS);
    assertThat(sum.atMost(LatencyCounts.BOUNDS.indexOf(MS))).isEqualTo(2);
  }

  @Test
  void statistics_forFlink_areWithinTheBounds() {
    LatencyHistogram histogram = new LatencyHistogram();
    for (int i = 0; i < 99; i++) {
      histogram.update(2 * MS);
    }
    histogram.update(70 * MS);

    HistogramStatistics statistics = histogram.getStatistics();

    assertThat(statistics.getQuantile(0.5)).isEqualTo(2.5 * MS);
    assertThat(statistics.getQuantile(1)).isEqualTo(70 * MS);
    assertThat(statistics.getMax()).isEqualTo(70 * MS);
    assertThat(statistics.getMean()).isEqualTo(2.68 * MS);
    assertThat(statistics.size()).isEqualTo(100);
  }

  @Test
  void statistics_ofNothing_areZero() {
    HistogramStatistics statistics = new LatencyHistogram().getStatistics();

    assertThat(statistics.getQuantile(0.99)).isZero();
    assertThat(statistics.getMean()).isZero();
    assertThat(statistics.getMax()).isZero();
    assertThat(statistics.getMin()).isZero();
  }
}
