package dev.countersign.jobs.embedded;

import dev.countersign.metrics.LatencyCounts;
import dev.countersign.metrics.RunMetric;
import java.util.List;

/**
 * The metrics of a run in Prometheus's text format, version 0.0.4: each metric once, summed over
 * tasks, in seconds and bytes. Labels are outcomes and reasons only, never names of models: each
 * value of a label is a time series of its own.
 */
final class MetricsPage {

  /** What the page is, for HTTP. */
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final double NANOS_IN_SECOND = 1e9;

  private final StringBuilder page = new StringBuilder();
  private final MetricBoard board;

  private MetricsPage(MetricBoard board) {
    this.board = board;
  }

  /** Returns the page as of now. */
  static String of(MetricBoard board) {
    MetricsPage page = new MetricsPage(board);
    for (RunMetric metric : RunMetric.values()) {
      page.add(metric);
    }
    return page.page.toString();
  }

  private void add(RunMetric metric) {
    String name = metric.exposedName();
    page.append("# HELP ").append(name).append(' ').append(escapedHelp(metric.help())).append('\n');
    page.append("# TYPE ").append(name).append(' ').append(metric.kind().text()).append('\n');
    if (metric.kind() == RunMetric.Kind.LATENCY) {
      addBuckets(name, board.latencies(metric.flinkName()));
      return;
    }
    if (metric.label().isEmpty()) {
      addSample(name, "", "", number(metric, board.value(metric.flinkName())));
      return;
    }
    for (String value : metric.labelValues()) {
      addSample(name, metric.label(), value, number(metric, board.value(metric.flinkName(value))));
    }
  }

  private void addBuckets(String name, LatencyCounts counts) {
    List<Long> bounds = LatencyCounts.BOUNDS;
    for (int i = 0; i < bounds.size(); i++) {
      addSample(name + "_bucket", "le", seconds(bounds.get(i)), String.valueOf(counts.atMost(i)));
    }
    addSample(name + "_bucket", "le", "+Inf", String.valueOf(counts.total()));
    addSample(name + "_sum", "", "", seconds(counts.sumNanos()));
    addSample(name + "_count", "", "", String.valueOf(counts.total()));
  }

  private void addSample(String name, String label, String labelValue, String value) {
    page.append(name);
    if (!label.isEmpty()) {
      page.append('{').append(label).append("=\"").append(escapedLabel(labelValue)).append("\"}");
    }
    page.append(' ').append(value).append('\n');
  }

  private static String number(RunMetric metric, long value) {
    return metric.kind() == RunMetric.Kind.TIME ? seconds(value) : String.valueOf(value);
  }

  private static String seconds(long nanos) {
    return String.valueOf(nanos / NANOS_IN_SECOND);
  }

  static String escapedHelp(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n");
  }

  static String escapedLabel(String text) {
    return escapedHelp(text).replace("\"", "\\\"");
  }
}
