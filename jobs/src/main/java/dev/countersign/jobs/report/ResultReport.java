package dev.countersign.jobs.report;

import dev.countersign.jobs.results.ClosedRun;
import dev.countersign.jobs.results.FoundResults;
import dev.countersign.jobs.results.ResultFiles;
import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.options.ReportFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.flink.core.fs.Path;

/**
 * Makes a report of results: reads them once, one after the other, and writes. What cannot be read
 * is named in the report, which is made of the rest.
 */
public final class ResultReport {

  private static final int MAX_RECORDS = 500;

  private ResultReport() {}

  /**
   * Writes a report.
   *
   * @param found what to read
   * @param format what to write
   * @param version this program's version
   * @param stream where it goes; is flushed and stays open
   * @return what the report says of all results
   * @throws IOException if the report cannot be written
   */
  public static ReportTotals write(
      FoundResults found, ReportFormat format, String version, OutputStream stream)
      throws IOException {
    ReportTotals totals = new ReportTotals();
    found.unread().forEach(totals::addUnread);
    try (ReportWriter writer = writer(format, version, new TextOutput(stream))) {
      for (Path file : found.results()) {
        read(file, totals, writer);
      }
      found.records().stream().limit(MAX_RECORDS).forEach(record -> close(record, totals));
      writer.finish(totals);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    stream.flush();
    return totals;
  }

  private static ReportWriter writer(ReportFormat format, String version, TextOutput out)
      throws IOException {
    return switch (format) {
      case HTML -> new HtmlReport(out, version);
      case MARKDOWN -> new MarkdownReport(out);
      case CSV -> new CsvReport(out);
      case JSON -> new JsonReport(out);
      case JUNIT -> new JunitReport(out);
    };
  }

  private static void read(Path file, ReportTotals totals, ReportWriter writer) {
    try {
      ResultFiles.read(
          file,
          result -> {
            totals.add(result);
            try {
              writer.add(result);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (IOException e) {
      totals.addUnread(new UnreadFile(file.toString(), String.valueOf(e.getMessage())));
    }
  }

  private static void close(Path record, ReportTotals totals) {
    try {
      totals.close(ClosedRun.read(record));
    } catch (IOException e) {
      totals.note(String.valueOf(e.getMessage()));
    }
  }
}
