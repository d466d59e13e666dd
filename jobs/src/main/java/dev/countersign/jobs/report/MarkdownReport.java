package dev.countersign.jobs.report;

import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.jobs.terminal.Figures;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A summary in GitHub's Markdown. What results say stands in code spans, in which nothing is
 * markup, a link or a mention.
 */
record MarkdownReport(TextOutput out) implements ReportWriter {

  private static final int MAX_FAILED = 100;
  private static final int MAX_TEXT = 500;

  @Override
  public void add(ModelResult result) {
    // The totals say all that stands here.
  }

  @Override
  public void finish(ReportTotals totals) throws IOException {
    RunTotals all = totals.all();
    out.line("## Countersign: " + Phrases.headline(all));
    out.line("");
    for (UnreadFile file : totals.unread()) {
      out.line("> **Not read:** " + code(file.message()));
      out.line("");
    }
    for (String note : totals.notes()) {
      out.line("> **Note:** " + code(note));
      out.line("");
    }
    out.line(facts(totals));
    out.line("");
    outcomes(all);
    reasons(all);
    runs(totals.runs());
    weakened(totals);
    failed(totals);
  }

  private static String facts(ReportTotals totals) {
    RunTotals all = totals.all();
    return Figures.bytes(all.bytes())
        + " in "
        + Figures.count(all.files(), "file")
        + (totals.reused() == 0
            ? ""
            : ", digests of " + Figures.count(totals.reused(), "model") + " reused")
        + (totals.repeated() == 0
            ? ""
            : ", " + Figures.count(totals.repeated(), "model") + " retried")
        + (totals.runMillis() == 0
            ? "."
            : ", "
                + Phrases.millis(totals.runMillis())
                + ", from "
                + Amounts.time(totals.started())
                + " to "
                + Amounts.time(all.finished())
                + " UTC.");
  }

  private void outcomes(RunTotals all) throws IOException {
    heading("| Outcome | Models | Share |", "|---|--:|--:|");
    for (Map.Entry<Outcome, Long> entry : all.outcomes().entrySet()) {
      row(
          entry.getKey().name(),
          Phrases.number(entry.getValue()),
          Phrases.percent(entry.getValue(), all.models()));
    }
    out.line("");
  }

  private void reasons(RunTotals all) throws IOException {
    if (all.reasons().isEmpty()) {
      return;
    }
    heading("| Reason | Models |", "|---|--:|");
    for (Map.Entry<FailureReason, Long> entry : Amounts.ranked(all.reasons())) {
      row(entry.getKey().name(), Phrases.number(entry.getValue()));
    }
    out.line("");
  }

  private void runs(List<RunTotals> runs) throws IOException {
    heading(
        "| Run | Operation | Models | Failed | Finished (UTC) | Run record |",
        "|---|---|--:|--:|---|---|");
    for (RunTotals run : runs) {
      row(
          code(run.runId()),
          code(Phrases.operations(run)),
          Phrases.number(run.models()),
          Phrases.number(run.failed()),
          Amounts.time(run.finished()),
          Phrases.completeness(run));
    }
    out.line("");
  }

  private void weakened(ReportTotals totals) throws IOException {
    if (totals.weakenedModels() == 0) {
      return;
    }
    heading("| Check disabled by | Models |", "|---|--:|");
    for (Map.Entry<String, Long> entry : totals.weakened()) {
      row(code("--" + entry.getKey()), Phrases.number(entry.getValue()));
    }
    out.line("");
  }

  private void failed(ReportTotals totals) throws IOException {
    List<ReportTotals.FailedModel> failed = totals.failed();
    if (failed.isEmpty()) {
      return;
    }
    out.line("### Failed models");
    out.line("");
    heading("| Model | Reason | Message |", "|---|---|---|");
    for (ReportTotals.FailedModel model : failed.subList(0, Math.min(MAX_FAILED, failed.size()))) {
      row(code(model.model()), model.reason(), code(model.message()));
    }
    if (totals.failedModels() > MAX_FAILED) {
      out.format(
          "\nThe first %d of %,d failed models; `--format html`, `csv` and `json` include all.\n",
          MAX_FAILED, totals.failedModels());
    }
    out.line("");
  }

  private void heading(String names, String alignments) throws IOException {
    out.line(names);
    out.line(alignments);
  }

  private void row(String... cells) throws IOException {
    out.line("| " + String.join(" | ", cells) + " |");
  }

  /** A code span that is one cell of a table: its fence is longer than any in the text. */
  private static String code(String text) {
    String shown = ReportText.of(text, MAX_TEXT);
    if (shown.isBlank()) {
      return "";
    }
    int longest = 0;
    int length = 0;
    for (int i = 0; i < shown.length(); i++) {
      length = shown.charAt(i) == '`' ? length + 1 : 0;
      longest = Math.max(longest, length);
    }
    String fence = "`".repeat(longest + 1);
    String padding = longest > 0 ? " " : "";
    return fence + padding + shown.replace("|", "\\|") + padding + fence;
  }
}
