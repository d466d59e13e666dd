package dev.countersign.jobs.report;

import dev.countersign.jobs.terminal.Figures;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Outcome;
import dev.countersign.text.Message;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Parts of a page that need no script: sums of the results. All text is escaped here. */
final class PageSections {

  private final ReportTotals totals;
  private final RunTotals all;
  private final TextOutput out;

  PageSections(ReportTotals totals, TextOutput out) {
    this.totals = totals;
    this.all = totals.all();
    this.out = out;
  }

  /** When and of what. */
  void about() throws IOException {
    List<RunTotals> runs = totals.runs();
    if (runs.size() == 1) {
      RunTotals run = runs.get(0);
      out.format("Run %s, %s", code(run.runId()), Markup.escape(Phrases.operations(run)));
    } else {
      out.write(Figures.count(runs.size(), "run"));
    }
    if (Amounts.isKnown(totals.started())) {
      out.format(
          " · <span class=\"nowrap\">%s</span> to <span class=\"nowrap\">%s UTC</span>",
          Amounts.time(totals.started()), Amounts.time(all.finished()));
    }
  }

  /** Unreadable files and other notes. */
  void notices() throws IOException {
    if (!totals.unread().isEmpty()) {
      out.write(
          "<div class=\"notice bad\" role=\"note\"><strong>Some results could not be read.</strong>"
              + " This report covers the rest.<ul>");
      for (var file : totals.unread()) {
        out.format("<li>%s</li>", Markup.of(file.message()));
      }
      out.write("</ul></div>");
    }
    for (String note : totals.notes()) {
      out.format("<div class=\"notice\" role=\"note\">%s</div>", Markup.of(note));
    }
  }

  /** The greatest numbers. */
  void tiles() throws IOException {
    tile("Models", Phrases.number(all.models()), "", "");
    tile(
        "Failed",
        Phrases.number(all.failed()),
        Phrases.percent(all.failed(), all.models()),
        all.failed() > 0 ? "bad" : "good");
    tile("Bytes hashed", Figures.bytes(all.bytes()), Figures.count(all.files(), "file"), "");
    long millis = totals.runMillis();
    tile(
        "Run time",
        millis == 0 ? "–" : Phrases.millis(millis),
        totals.runs().size() == 1 ? "from start to last result" : "of all runs together",
        "");
    tile(
        "Throughput",
        millis == 0 ? "–" : Phrases.rate(all.models(), millis, "models"),
        millis == 0 ? "" : Phrases.byteRate(all.bytes(), millis),
        "");
    tile(
        "Weakened",
        Phrases.number(totals.weakenedModels()),
        (totals.weakenedModels() == 1 ? "model" : "models") + " with a disabled check",
        totals.weakenedModels() > 0 ? "warn" : "");
    tile(
        "Reused",
        Phrases.number(totals.reused()),
        (totals.reused() == 1 ? "model" : "models") + " with digests of an earlier run",
        "");
  }

  private void tile(String name, String value, String more, String kind) throws IOException {
    out.format(
        "<div class=\"tile %s\"><dt>%s</dt><dd><span class=\"value\">%s</span>"
            + " <span class=\"more\">%s</span></dd></div>\n",
        kind, name, Markup.escape(value), Markup.escape(more));
  }

  /** How models ended. */
  void outcomes() throws IOException {
    out.write(PageCharts.outcomes(all));
    table(
        List.of("Outcome", "#Models", "#Share"),
        all.outcomes().entrySet(),
        entry ->
            List.of(
                link("outcome", entry.getKey().name(), badge(entry.getKey())),
                Phrases.number(entry.getValue()),
                Markup.escape(Phrases.percent(entry.getValue(), all.models()))));
  }

  /** Why models failed. */
  void reasons() throws IOException {
    List<Map.Entry<FailureReason, Long>> ranked = Amounts.ranked(all.reasons());
    if (ranked.isEmpty()) {
      none("No model failed.");
      return;
    }
    long greatest = ranked.get(0).getValue();
    table(
        List.of("Reason", "#Models", "\u00a0"),
        ranked,
        entry ->
            List.of(
                link("reason", entry.getKey().name(), symbol(entry.getKey().name())),
                Phrases.number(entry.getValue()),
                PageCharts.bar(entry.getValue(), greatest, "c-bad")));
  }

  /** Throughput over time. */
  void timeline() throws IOException {
    Timeline timeline = totals.timeline();
    List<Timeline.Step> steps = timeline.steps();
    if (steps.isEmpty()) {
      none("No result has a time.");
      return;
    }
    long models = PageCharts.greatest(steps, Timeline.Step::models);
    long bytes = PageCharts.greatest(steps, Timeline.Step::bytes);
    figure("Models finished", Figures.count(models, "model"), PageCharts.models(timeline));
    figure("Bytes hashed", Figures.bytes(bytes), PageCharts.bytes(timeline));
    out.write("<details><summary>Show as table</summary>");
    table(
        List.of("From (UTC)", "#Models", "#Failed", "#Bytes"),
        steps.stream().filter(step -> step.models() > 0).toList(),
        step ->
            List.of(
                Amounts.time(step.start()),
                Phrases.number(step.models()),
                Phrases.number(step.failed()),
                Figures.bytes(step.bytes())));
    out.write("</details>");
  }

  /** A chart. What a bar counts finished in its step, so that no bar is a rate. */
  private void figure(String what, String highest, String chart) throws IOException {
    Timeline timeline = totals.timeline();
    List<Timeline.Step> steps = timeline.steps();
    Instant end = steps.get(steps.size() - 1).start().plus(timeline.length());
    out.format(
        "<figure><figcaption>%s <span class=\"more\">highest bar: %s in %s</span></figcaption>"
            + "%s<div class=\"span\" aria-hidden=\"true\"><span>%s</span><span>%s UTC</span></div>"
            + "</figure>",
        what,
        Markup.escape(highest),
        PageCharts.length(timeline.length()),
        chart,
        Amounts.time(steps.get(0).start()),
        Amounts.time(end));
  }

  /** The runs. */
  void runs() throws IOException {
    table(
        List.of(
            "Run",
            "Operation",
            "#Models",
            "#Failed",
            "#Bytes",
            "Started (UTC)",
            "#Run time",
            "Run record"),
        totals.runs(),
        run ->
            List.of(
                link("run", run.runId(), code(run.runId())) + options(run),
                Markup.escape(Phrases.operations(run)),
                Phrases.number(run.models()),
                Phrases.number(run.failed()),
                Figures.bytes(run.bytes()),
                Amounts.time(run.started()),
                Phrases.millis(run.millis()),
                Markup.escape(Phrases.completeness(run))));
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
  void signers() throws IOException {
    List<SignerCounts.Signer> signers = totals.signers().ranked();
    if (signers.isEmpty()) {
      none("No signers.");
      return;
    }
    table(
        List.of("Signer", "Method", "Fingerprint (SHA-256)", "#Models"),
        signers,
        signer ->
            List.of(
                signer.name().isEmpty()
                    ? "<span class=\"more\">a bare key</span>"
                    : isolated(signer.name()),
                Markup.escape(signer.method()),
                link("find", signer.fingerprint(), code(signer.fingerprint())),
                Phrases.number(signer.models())));
    if (totals.signers().others() > 0) {
      out.format(
          "<p class=\"more\">Other signers signed %s.</p>",
          Figures.count(totals.signers().others(), "model"));
    }
  }

  /** Checks that were disabled. */
  void weakened() throws IOException {
    if (totals.weakenedModels() == 0) {
      none("No check was disabled.");
      return;
    }
    table(
        List.of("Disabled by", "#Models"),
        totals.weakened(),
        entry ->
            List.of(
                link("weakened", entry.getKey(), code("--" + entry.getKey())),
                Phrases.number(entry.getValue())));
  }

  /** Models that are first by some measure. */
  void ranked(List<ReportTotals.RankedModel> models) throws IOException {
    if (models.isEmpty()) {
      none("No data.");
      return;
    }
    table(
        List.of("Model", "#Time", "#Size", "#Files"),
        models,
        model ->
            List.of(
                link("find", model.model(), code(model.model())),
                Phrases.millis(model.millis()),
                Figures.bytes(model.bytes()),
                Phrases.number(model.files())));
  }

  /** Models that failed, some of them, for paper and for browsers that run no script. */
  void failed() throws IOException {
    List<ReportTotals.FailedModel> failed = totals.failed();
    if (failed.isEmpty()) {
      none("No model failed.");
      return;
    }
    if (totals.failedModels() > failed.size()) {
      out.format(
          "<p>The first %,d of %,d failed models. With JavaScript enabled, the page lists"
              + " more.</p>",
          failed.size(), totals.failedModels());
    }
    table(
        List.of("Model", "Reason", "Message"),
        failed,
        model -> List.of(code(model.model()), symbol(model.reason()), isolated(model.message())));
  }

  /**
   * Writes a table.
   *
   * @param headings one that begins with # is of numbers, which stand to the right
   * @param cells returns a row's, which are HTML
   */
  private <T> void table(List<String> headings, Collection<T> rows, Function<T, List<String>> cells)
      throws IOException {
    out.write("<div class=\"wide\"><table><thead><tr>");
    for (String heading : headings) {
      out.write(
          heading.startsWith("#")
              ? "<th scope=\"col\" class=\"n\">" + heading.substring(1) + "</th>"
              : "<th scope=\"col\">" + heading + "</th>");
    }
    out.write("</tr></thead><tbody>\n");
    for (T row : rows) {
      out.write("<tr>");
      List<String> content = cells.apply(row);
      for (int i = 0; i < content.size(); i++) {
        out.write(headings.get(i).startsWith("#") ? "<td class=\"n\">" : "<td>");
        out.write(content.get(i) + "</td>");
      }
      out.write("</tr>\n");
    }
    out.write("</tbody></table></div>");
  }

  private void none(String text) throws IOException {
    out.format("<p class=\"none\">%s</p>", text);
  }

  private static String badge(Outcome outcome) {
    return Message.of(
        "<span class=\"badge o-%s\">%s</span>",
        outcome.name().toLowerCase(Locale.ROOT), Phrases.outcome(outcome));
  }

  private static String symbol(String name) {
    return "<code class=\"symbol\">" + name + "</code>";
  }

  /** Shown left to right whatever it holds. */
  private static String code(String text) {
    return "<code>" + isolated(text) + "</code>";
  }

  private static String isolated(String text) {
    return "<bdi>" + Markup.escape(text) + "</bdi>";
  }

  /** A link to the table, which the script also lets choose what it shows. */
  private static String link(String filter, String value, String content) {
    return Message.of(
        "<a href=\"#models\" data-%s=\"%s\">%s</a>", filter, Markup.escape(value), content);
  }
}
