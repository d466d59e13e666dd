package dev.countersign.jobs.embedded;

import dev.countersign.metrics.RunMetric;
import java.util.Properties;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Passes this program's metrics on to the board of the run that its settings name. Flink makes
 * reporters by the name of a factory, so boards are found through {@link MetricBoard}.
 */
public final class ProgressReporter implements MetricReporter {

  /** The setting that names the run. */
  static final String BOARD = "board";

  private final MetricBoard board;

  private ProgressReporter(MetricBoard board) {
    this.board = board;
  }

  @Override
  public void open(MetricConfig config) {}

  @Override
  public void close() {}

  @Override
  public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
    if (isOurs(group)) {
      board.add(metric, name);
    }
  }

  @Override
  public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
    if (isOurs(group)) {
      board.remove(metric, name);
    }
  }

  private static boolean isOurs(MetricGroup group) {
    String[] scope = group.getScopeComponents();
    return scope.length > 0 && scope[scope.length - 1].equals(RunMetric.GROUP);
  }

  /** Makes reporters; found by Flink through its service file. */
  public static final class Factory implements MetricReporterFactory {

    /** Called by the service loader. */
    public Factory() {}

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
      return new ProgressReporter(MetricBoard.named(properties.getProperty(BOARD, "")));
    }
  }
}
