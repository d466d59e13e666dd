package dev.countersign.jobs.report;

import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.text.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Test results as JUnit's XML, in the form that Jenkins and Surefire describe: a suite for each
 * run, a case for each model. Cases are put aside until their suite's counts are known.
 */
final class JunitReport implements ReportWriter {

  private static final int MAX_SUITES = 500;
  private static final int MAX_DIFFERENCES = 50;

  private final TextOutput out;
  private final Spool cases = new Spool();
  private final Map<String, Suite> suites = new LinkedHashMap<>();

  JunitReport(TextOutput out) throws IOException {
    this.out = out;
  }

  /** A stretch of the spool whose cases belong together. */
  private record Stretch(long start, long end) {}

  /** A run. */
  private static final class Suite {
    private final List<Stretch> stretches = new ArrayList<>();
    private String operation = "";
    private long tests;
    private long failures;
    private long skipped;

    void place(long start, long end) {
      int last = stretches.size() - 1;
      if (last >= 0 && stretches.get(last).end() == start) {
        stretches.set(last, new Stretch(stretches.get(last).start(), end));
      } else {
        stretches.add(new Stretch(start, end));
      }
    }
  }

  @Override
  public void add(ModelResult result) throws IOException {
    String run = ReportText.of(result.getRunId(), 200);
    if (!suites.containsKey(run) && suites.size() >= MAX_SUITES) {
      run = "other runs";
    }
    Suite suite = suites.computeIfAbsent(run, name -> new Suite());
    suite.tests++;
    suite.failures += RunTotals.isFailure(result) ? 1 : 0;
    suite.skipped += result.getOutcome() == Outcome.SKIPPED ? 1 : 0;
    suite.operation = result.getOperation().name().toLowerCase(Locale.ROOT);
    long start = cases.size();
    cases.append(testCase(result));
    suite.place(start, cases.size());
  }

  private static String testCase(ModelResult result) {
    String version = result.getVersion();
    String name =
        ReportText.of(result.getModel())
            + (version.isEmpty() ? "" : " (" + ReportText.of(version, 200) + ")");
    String opened =
        Message.of(
            "    <testcase name=\"%s\" classname=\"countersign.%s\" time=\"%s\"",
            Markup.escape(name),
            result.getOperation().name().toLowerCase(Locale.ROOT),
            seconds(Amounts.millis(result)));
    if (RunTotals.isFailure(result)) {
      String reason = result.getReason().name();
      return Message.of(
          "%s><failure message=\"%s\" type=\"%s\">%s</failure></testcase>\n",
          opened,
          Markup.escape(reason + ": " + ReportText.of(result.getMessage())),
          reason,
          details(result));
    }
    return result.getOutcome() == Outcome.SKIPPED
        ? opened + "><skipped message=\"" + Markup.of(result.getMessage()) + "\"/></testcase>\n"
        : opened + "/>\n";
  }

  private static String details(ModelResult result) {
    StringBuilder text = new StringBuilder(300);
    text.append(Markup.of(result.getMessage())).append('\n');
    List<Difference> differences = result.getDifferences();
    for (Difference difference :
        differences.subList(0, Math.min(MAX_DIFFERENCES, differences.size()))) {
      text.append(difference.getKind().name().toLowerCase(Locale.ROOT)).append(' ');
      text.append(Markup.of(difference.getName()));
      if (!difference.getDetail().isEmpty()) {
        text.append(" (").append(Markup.of(difference.getDetail())).append(')');
      }
      text.append('\n');
    }
    String counts =
        Stream.of(
                counted(result.getChanged(), "changed"),
                counted(result.getMissing(), "missing"),
                counted(result.getExtra(), "extra"))
            .filter(count -> !count.isEmpty())
            .collect(Collectors.joining(", "));
    return text.append(counts.isEmpty() ? "" : "in all " + counts + "\n").toString();
  }

  private static String counted(long count, String kind) {
    return count > 0 ? count + " " + kind : "";
  }

  @Override
  public void finish(ReportTotals totals) throws IOException {
    List<UnreadFile> unread = totals.unread();
    RunTotals all = totals.all();
    out.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    out.format(
        "<testsuites name=\"countersign\" tests=\"%d\" failures=\"%d\" errors=\"%d\""
            + " time=\"%s\">\n",
        all.models() + unread.size(), all.failed(), unread.size(), seconds(totals.runMillis()));
    for (RunTotals run : totals.runs()) {
      Suite suite = suites.remove(run.runId());
      if (suite != null) {
        writeSuite(run, suite);
      }
    }
    if (!unread.isEmpty()) {
      writeUnread(unread);
    }
    out.line("</testsuites>");
  }

  private void writeSuite(RunTotals run, Suite suite) throws IOException {
    openSuite(
        "countersign " + suite.operation + " " + run.runId(),
        suite.tests,
        suite.failures,
        0,
        suite.skipped,
        run.millis());
    for (Stretch stretch : suite.stretches) {
      cases.copy(stretch.start(), stretch.end() - stretch.start(), out.stream());
    }
    out.line("  </testsuite>");
  }

  /** What could not be read may hold failures, so it does not pass. */
  private void writeUnread(List<UnreadFile> unread) throws IOException {
    openSuite("results that could not be read", unread.size(), 0, unread.size(), 0, 0);
    for (UnreadFile file : unread) {
      out.format(
          "    <testcase name=\"%s\" classname=\"countersign.report\" time=\"0.000\"><error"
              + " message=\"%s\" type=\"UNREAD\"/></testcase>\n",
          Markup.of(file.place()), Markup.of(file.message()));
    }
    out.line("  </testsuite>");
  }

  private void openSuite(
      String name, long tests, long failures, long errors, long skipped, long millis)
      throws IOException {
    out.format(
        "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\""
            + " time=\"%s\">\n",
        Markup.escape(name), tests, failures, errors, skipped, seconds(millis));
  }

  private static String seconds(long millis) {
    return Message.of("%d.%03d", millis / 1000, millis % 1000);
  }

  @Override
  public void close() throws IOException {
    cases.close();
  }
}
