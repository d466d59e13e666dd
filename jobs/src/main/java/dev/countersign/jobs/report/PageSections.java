package dev.countersign.jobs.report;

import dev.countersign.jobs.terminal.Figures;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The parts of a page that need no script: what the results add up to. All text is escaped here.
 */
final class PageSections {

  private final ReportTotals totals;
  private final RunTotals all;

  PageSections(ReportTotals totals) {
    this.totals = totals;
    this.all = totals.all();
  }

  /** When and of what. */
  void about(TextOutput out) throws IOException {
    List<RunTotals> runs = totals.runs();
    String what =
        runs.size() == 1
            ? "Run "
                + code(runs.get(0).runId())
                + ", "
                + Markup.escape(Phrases.operations(runs.get(0)))
            : Figures.count(runs.size(), "run");
    out.write(what);
    if (Amounts.isKnown(all.started())) {
      out.write(
          " · <span class=\"nowrap\">"
              + Amounts.time(all.started())
              + "</span> to <span class=\"nowrap\">"
              + Amounts.time(all.finished())
              + " UTC</span>");
    }
  }

  /** What could not be read, and what else is to say. */
  void notices(TextOutput out) throws IOException {
    if (!totals.unread().isEmpty()) {
      out.write(
          "<div class=\"notice bad\" role=\"note\"><strong>Not everything could be read.</strong>");
      out.write(" This report is made of the rest.<ul>");
      for (var file : totals.unread()) {
        out.write("<li>" + Markup.of(file.message()) + "</li>");
      }
      out.write("</ul></div>");
    }
    for (String note : totals.notes()) {
      out.write("<div class=\"notice\" role=\"note\">" + Markup.of(note) + "</div>");
    }
  }

  /** The greatest numbers. */
  void tiles(TextOutput out) throws IOException {
    tile(out, "Models", Phrases.number(all.models()), "", "");
    tile(
        out,
        "Failed",
        Phrases.number(all.failed()),
        Phrases.percent(all.failed(), all.models()),
        all.failed() > 0 ? "bad" : "good");
    tile(out, "Bytes hashed", Figures.bytes(all.bytes()), Figures.count(all.files(), "file"), "");
    tile(
        out,
        "Time",
        all.millis() == 0 ? "–" : Phrases.millis(all.millis()),
        "first start to last result",
        "");
    long millis = totals.runs().stream().mapToLong(RunTotals::millis).reduce(0, Amounts::add);
    tile(
        out,
        "Throughput",
        millis == 0 ? "–" : Phrases.rate(all.models(), millis, "models"),
        millis == 0 ? "" : Figures.bytes((long) (1000.0 * all.bytes() / millis)) + "/s",
        "");
    tile(
        out,
        "Weakened",
        Phrases.number(totals.weakenedModels()),
        "a check was switched off",
        totals.weakenedModels() > 0 ? "warn" : "");
    tile(out, "Reused", Phrases.number(totals.reused()), "digests of an earlier run", "");
  }

  private static void tile(TextOutput out, String name, String value, String more, String kind)
      throws IOException {
    out.write(
        "<div class=\"tile "
            + kind
            + "\"><dt>"
            + name
            + "</dt><dd><span class=\"value\">"
            + Markup.escape(value)
            + "</span> <span class=\"more\">"
            + Markup.escape(more)
            + "</span></dd></div>\n");
  }

  /** How models ended. */
  void outcomes(TextOutput out) throws IOException {
    out.write(PageCharts.outcomes(all));
    PageTable table = new PageTable(out, "Outcome", "#Models", "#Share");
    for (Map.Entry<Outcome, Long> entry : all.outcomes().entrySet()) {
      String name = entry.getKey().name();
      table.row(
          link("outcome", name, badge(entry.getKey())),
          Phrases.number(entry.getValue()),
          Markup.escape(Phrases.percent(entry.getValue(), all.models())));
    }
    table.end();
  }

  /** Why models failed. */
  void reasons(TextOutput out) throws IOException {
    List<Map.Entry<FailureReason, Long>> ranked =
        all.reasons().entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .toList();
    if (ranked.isEmpty()) {
      out.write("<p class=\"none\">No model failed.</p>");
      return;
    }
    long greatest = ranked.get(0).getValue();
    PageTable table = new PageTable(out, "Reason", "#Models", "\u00a0");
    for (Map.Entry<FailureReason, Long> entry : ranked) {
      String name = entry.getKey().name();
      table.row(
          link("reason", name, "<code class=\"symbol\">" + name + "</code>"),
          Phrases.number(entry.getValue()),
          PageCharts.bar(entry.getValue(), greatest, "c-bad"));
    }
    table.end();
  }

  /** Throughput over time. */
  void timeline(TextOutput out) throws IOException {
    Timeline timeline = totals.timeline();
    if (timeline.isEmpty()) {
      out.write("<p class=\"none\">No result says when it was finished.</p>");
      return;
    }
    List<Timeline.Step> steps = timeline.steps();
    long millis = timeline.length().toMillis();
    long models = PageCharts.greatest(steps, Timeline.Step::models);
    long bytes = PageCharts.greatest(steps, Timeline.Step::bytes);
    String length = PageCharts.length(timeline.length());
    Instant end = steps.get(steps.size() - 1).start().plus(timeline.length());
    figure(out, "Models", Phrases.rate(models, millis, "models"), length);
    out.write(PageCharts.models(timeline) + span(steps.get(0).start(), end) + "</figure>");
    figure(out, "Bytes", Figures.bytes((long) (1000.0 * bytes / millis)) + "/s", length);
    out.write(PageCharts.bytes(timeline) + span(steps.get(0).start(), end) + "</figure>");
    out.write("<details><summary>The same as a table</summary>");
    PageTable table = new PageTable(out, "From (UTC)", "#Models", "#Failed", "#Bytes");
    for (Timeline.Step step : steps) {
      if (step.models() > 0) {
        table.row(
            Amounts.time(step.start()),
            Phrases.number(step.models()),
            Phrases.number(step.failed()),
            Figures.bytes(step.bytes()));
      }
    }
    table.end();
    out.write("</details>");
  }

  private static void figure(TextOutput out, String what, String rate, String length)
      throws IOException {
    out.write(
        "<figure><figcaption>"
            + what
            + " <span class=\"more\">at most "
            + Markup.escape(rate)
            + ", in steps of "
            + length
            + "</span></figcaption>");
  }

  private static String span(Instant start, Instant end) {
    return "<div class=\"span\" aria-hidden=\"true\"><span>"
        + Amounts.time(start)
        + "</span><span>"
        + Amounts.time(end)
        + " UTC</span></div>";
  }

  /** The runs. */
  void runs(TextOutput out) throws IOException {
    PageTable table =
        new PageTable(
            out,
            "Run",
            "Operation",
            "#Models",
            "#Failed",
            "#Bytes",
            "Started (UTC)",
            "#Time",
            "Record");
    for (RunTotals run : totals.runs()) {
      table.row(
          link("run", run.runId(), code(run.runId())) + options(run),
          Markup.escape(Phrases.operations(run)),
          Phrases.number(run.models()),
          Phrases.number(run.failed()),
          Figures.bytes(run.bytes()),
          Amounts.time(run.started()),
          Phrases.millis(run.millis()),
          Markup.escape(Phrases.completeness(run)));
    }
    table.end();
  }

  private static String options(RunTotals run) {
    if (run.record().isEmpty() || run.record().get().options().isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("<details><summary>Options</summary><ul>");
    for (String option : run.record().get().options()) {
      text.append("<li>").append(code(ReportText.of(option, 300))).append("</li>");
    }
    text.append("<li>version ").append(Markup.of(run.record().get().version())).append("</li>");
    return text.append("</ul></details>").toString();
  }

  /** Who signed. */
  void signers(TextOutput out) throws IOException {
    List<SignerCounts.Signer> signers = totals.signers().ranked();
    if (signers.isEmpty()) {
      out.write("<p class=\"none\">No result names a signer.</p>");
      return;
    }
    PageTable table = new PageTable(out, "Signer", "Method", "Fingerprint (SHA-256)", "#Models");
    for (SignerCounts.Signer signer : signers) {
      String name =
          signer.name().isEmpty()
              ? "<span class=\"more\">a bare key</span>"
              : "<bdi>" + Markup.escape(signer.name()) + "</bdi>";
      table.row(
          name,
          Markup.escape(signer.method()),
          link("find", signer.fingerprint(), code(signer.fingerprint())),
          Phrases.number(signer.models()));
    }
    table.end();
    if (totals.signers().others() > 0) {
      out.write(
          "<p class=\"more\">Others signed "
              + Figures.count(totals.signers().others(), "model")
              + ".</p>");
    }
  }

  /** Checks that were switched off. */
  void weakened(TextOutput out) throws IOException {
    if (totals.weakenedModels() == 0) {
      out.write("<p class=\"none\">No check was switched off.</p>");
      return;
    }
    PageTable table = new PageTable(out, "Switched off by", "#Models");
    for (Map.Entry<String, Long> entry : totals.weakened().ranked()) {
      table.row(
          link("weakened", entry.getKey(), code("--" + entry.getKey())),
          Phrases.number(entry.getValue()));
    }
    table.end();
  }

  /** Models that took longest. */
  void slowest(TextOutput out) throws IOException {
    ranked(out, totals.slowest());
  }

  /** Models of most bytes. */
  void largest(TextOutput out) throws IOException {
    ranked(out, totals.largest());
  }

  private static void ranked(TextOutput out, List<RankedModels.Ranked> models) throws IOException {
    if (models.isEmpty()) {
      out.write("<p class=\"none\">No result says.</p>");
      return;
    }
    PageTable table = new PageTable(out, "Model", "#Time", "#Size", "#Files");
    for (RankedModels.Ranked model : models) {
      table.row(
          link("find", model.model(), code(model.model())),
          Phrases.millis(model.millis()),
          Figures.bytes(model.bytes()),
          Phrases.number(model.files()));
    }
    table.end();
  }

  /** Models that failed, some of them, for paper and for browsers that run no script. */
  void failed(TextOutput out) throws IOException {
    List<FailedModel> failed = totals.failed();
    if (failed.isEmpty()) {
      out.write("<p class=\"none\">No model failed.</p>");
      return;
    }
    if (totals.failedModels() > failed.size()) {
      out.write(
          String.format(
              Locale.ROOT,
              "<p>The first %,d of %,d failed models. The table on the page, with its script, has"
                  + " more.</p>",
              failed.size(),
              totals.failedModels()));
    }
    PageTable table = new PageTable(out, "Model", "Reason", "What to know");
    for (FailedModel model : failed) {
      table.row(
          code(model.model()),
          "<code class=\"symbol\">" + model.reason() + "</code>",
          "<bdi>" + Markup.escape(model.message()) + "</bdi>");
    }
    table.end();
  }

  private static String badge(Outcome outcome) {
    return "<span class=\"badge o-"
        + outcome.name().toLowerCase(Locale.ROOT)
        + "\">"
        + Phrases.outcome(outcome)
        + "</span>";
  }

  /** Shown left to right whatever it holds. */
  private static String code(String text) {
    return "<code><bdi>" + Markup.escape(text) + "</bdi></code>";
  }

  /** A link to the table, which the script also lets choose what it shows. */
  private static String link(String filter, String value, String content) {
    return "<a href=\"#models\" data-"
        + filter
        + "=\""
        + Markup.escape(value)
        + "\">"
        + content
        + "</a>";
  }
}
