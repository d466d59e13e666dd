package dev.countersign.jobs.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.execution.EngineFigures;
import dev.countersign.metrics.LatencyHistogram;
import java.util.Properties;
import java.util.ServiceLoader;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.junit.jupiter.api.Test;

final class MetricBoardTest {

  @Test
  void figures_ofSeveralTasks_areSumsAndStayWhenTasksEnd() {
    MetricBoard board = new MetricBoard();
    SimpleCounter first = counter(5);
    SimpleCounter second = counter(7);
    Gauge<Long> planned = () -> 9L;
    board.add(first, "bytesHashed");
    board.add(second, "bytesHashed");
    board.add(counter(2), "models.SIGNED");
    board.add(counter(1), "models.FAILED");
    board.add(planned, "modelsPlanned");
    board.add((Gauge<Long>) () -> 100L, "bytesPlanned");
    board.add((Gauge<Long>) () -> 60L, "largestFile");

    board.remove(first, "bytesHashed");
    board.remove(planned, "modelsPlanned");
    second.inc(10);

    assertThat(board.figures()).isEqualTo(new EngineFigures(0, 9, 3, 1, 100, 22, 60));
  }

  @Test
  void latencies_ofSeveralTasks_addUpAndStayWhenTasksEnd() {
    MetricBoard board = new MetricBoard();
    LatencyHistogram first = new LatencyHistogram();
    LatencyHistogram second = new LatencyHistogram();
    board.add(first, "signatureNanos");
    board.add(second, "signatureNanos");
    first.update(1_000);
    second.update(2_000);

    board.remove(first, "signatureNanos");
    second.update(3_000);

    assertThat(board.latencies("signatureNanos").total()).isEqualTo(3);
    assertThat(board.latencies("signatureNanos").sumNanos()).isEqualTo(6_000);
    assertThat(board.latencies("bundleWriteNanos").total()).isZero();
  }

  @Test
  void reporter_fromTheServiceLoader_passesOnOurMetricsOnly() {
    MetricReporterFactory factory =
        ServiceLoader.load(MetricReporterFactory.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(ProgressReporter.Factory.class::isInstance)
            .findFirst()
            .orElseThrow();
    Properties properties = new Properties();
    properties.setProperty(ProgressReporter.BOARD, "test");
    MetricReporter reporter = factory.createMetricReporter(properties);

    reporter.notifyOfAddedMetric(counter(3), "bytesHashed", group("host", "countersign"));
    reporter.notifyOfAddedMetric(counter(4), "bytesHashed", group("host", "other"));

    assertThat(MetricBoard.named("test").figures().bytesHashed()).isEqualTo(3);
    MetricBoard.forget("test");
    assertThat(MetricBoard.named("test").figures().bytesHashed()).isZero();
    MetricBoard.forget("test");
  }

  private static SimpleCounter counter(long count) {
    SimpleCounter counter = new SimpleCounter();
    counter.inc(count);
    return counter;
  }

  private static MetricGroup group(String... scope) {
    return new UnregisteredMetricsGroup() {
      @Override
      public String[] getScopeComponents() {
        return scope;
      }
    };
  }
}
