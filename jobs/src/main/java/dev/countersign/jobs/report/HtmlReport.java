package dev.countersign.jobs.report;

import dev.countersign.jobs.terminal.Figures;
import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * A page that needs nothing beside itself. What the results add up to stands in it as HTML; all
 * models stand in it as JSON, for its script to show.
 */
final class HtmlReport implements ReportWriter {

  private final TextOutput out;
  private final String version;
  private final EmbeddedModels models;

  HtmlReport(TextOutput out, String version) throws IOException {
    this(out, version, new EmbeddedModels());
  }

  /** For tests: with room for fewer models. */
  HtmlReport(TextOutput out, String version, EmbeddedModels models) {
    this.out = out;
    this.version = version;
    this.models = models;
  }

  @Override
  public void add(ModelResult result) throws IOException {
    models.add(result);
  }

  @Override
  public void finish(ReportTotals totals) throws IOException {
    if (models.embedded() < totals.models()) {
      totals.note(
          String.format(
              Locale.ROOT,
              "The table of models has %,d of %,d, with room kept for those that failed. All other numbers are exact; --format csv and json have all models.",
              models.embedded(),
              totals.models()));
    }
    PageSections sections = new PageSections(totals);
    new PageTemplate()
        .write(
            out,
            Map.ofEntries(
                Map.entry("title", target -> target.write(title(totals))),
                Map.entry("heading", target -> target.write(heading(totals))),
                Map.entry("about", sections::about),
                Map.entry("notices", sections::notices),
                Map.entry("tiles", sections::tiles),
                Map.entry("outcomes", sections::outcomes),
                Map.entry("reasons", sections::reasons),
                Map.entry("timeline", sections::timeline),
                Map.entry("runs", sections::runs),
                Map.entry("signers", sections::signers),
                Map.entry("weakened", sections::weakened),
                Map.entry("slowest", sections::slowest),
                Map.entry("largest", sections::largest),
                Map.entry("failed", sections::failed),
                Map.entry("made", target -> target.write(made())),
                Map.entry("data", target -> models.writeTo(target, totals))));
  }

  private static String title(ReportTotals totals) {
    return "Countersign: " + heading(totals);
  }

  private static String heading(ReportTotals totals) {
    return totals.failedModels() == 0
        ? Figures.count(totals.models(), "model") + ", none failed"
        : Phrases.number(totals.failedModels())
            + " of "
            + Figures.count(totals.models(), "model")
            + " failed";
  }

  private String made() {
    return "Made by Countersign "
        + Markup.of(version)
        + " at "
        + Amounts.time(Instant.now())
        + " UTC";
  }

  @Override
  public void close() throws IOException {
    models.close();
  }
}
