package dev.countersign.jobs.report;

import dev.countersign.jobs.terminal.Figures;
import dev.countersign.schemas.Outcome;
import dev.countersign.text.Message;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Charts of a page, as SVG in it. Their colors are the style sheet's. */
final class PageCharts {

  /** Inner width and height; the page stretches them. */
  private static final int WIDTH = 1_000;

  private static final int HEIGHT = 100;

  private PageCharts() {}

  /** A bar for each share of outcomes, in one line. */
  static String outcomes(RunTotals all) {
    StringBuilder svg =
        new StringBuilder(
            "<svg class=\"stack\" role=\"img\" aria-label=\"Shares of outcomes, as in the table\""
                + " viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\">");
    double x = 0;
    for (Map.Entry<Outcome, Long> entry : all.outcomes().entrySet()) {
      double width = (double) WIDTH * entry.getValue() / Math.max(1, all.models());
      svg.append(
          Message.of(
              "<rect class=\"o-%s\" x=\"%.2f\" y=\"0\" width=\"%.2f\" height=\"10\"><title>%s:"
                  + " %,d</title></rect>",
              entry.getKey().name().toLowerCase(Locale.ROOT),
              x,
              Math.max(width, 2),
              Phrases.outcome(entry.getKey()),
              entry.getValue()));
      x += width;
    }
    return svg.append("</svg>").toString();
  }

  /** A bar as long as a part is of the greatest. */
  static String bar(long part, long greatest, String kind) {
    double width = greatest <= 0 ? 0 : Math.max(1, 100.0 * part / greatest);
    return Message.of(
        "<svg class=\"bar\" aria-hidden=\"true\" viewBox=\"0 0 100 8\""
            + " preserveAspectRatio=\"none\"><rect class=\"%s\" x=\"0\" y=\"0\" width=\"%.2f\""
            + " height=\"8\"/></svg>",
        kind, width);
  }

  /** Models over time; those that failed stand below in a color of their own. */
  static String models(Timeline timeline) {
    return chart(
        "Models finished", timeline, "c-good", Timeline.Step::models, Timeline.Step::failed);
  }

  /** Bytes over time. */
  static String bytes(Timeline timeline) {
    return chart("Bytes hashed", timeline, "c-bytes", Timeline.Step::bytes, step -> 0);
  }

  private static String chart(
      String what,
      Timeline timeline,
      String kind,
      ToLongFunction<Timeline.Step> amount,
      ToLongFunction<Timeline.Step> failed) {
    List<Timeline.Step> steps = timeline.steps();
    long top = greatest(steps, amount);
    StringBuilder svg =
        new StringBuilder(
            "<svg class=\"chart\" role=\"img\" aria-label=\""
                + what
                + " over time; the table below has the numbers\" viewBox=\"0 0 1000 100\""
                + " preserveAspectRatio=\"none\">"
                + "<line class=\"grid\" x1=\"0\" x2=\"1000\" y1=\"0.5\" y2=\"0.5\"/>"
                + "<line class=\"grid\" x1=\"0\" x2=\"1000\" y1=\"50\" y2=\"50\"/>"
                + "<line class=\"axis\" x1=\"0\" x2=\"1000\" y1=\"99.5\" y2=\"99.5\"/>");
    for (int i = 0; i < steps.size(); i++) {
      Timeline.Step step = steps.get(i);
      long whole = amount.applyAsLong(step);
      if (whole > 0) {
        double bottom = height(failed.applyAsLong(step), top);
        svg.append("<g><title>").append(title(step, timeline.length())).append("</title>");
        rect(svg, kind, i, steps.size(), bottom, height(whole, top) - bottom);
        rect(svg, "c-bad", i, steps.size(), 0, bottom);
        svg.append("</g>");
      }
    }
    return svg.append("</svg>").toString();
  }

  /** Returns the greatest of something that a step has. */
  static long greatest(List<Timeline.Step> steps, ToLongFunction<Timeline.Step> what) {
    return steps.stream().mapToLong(what).max().orElse(0);
  }

  private static String title(Timeline.Step step, Duration length) {
    return Message.of(
        "%s UTC, %s: %s, %,d failed, %s",
        Amounts.time(step.start()),
        length(length),
        Figures.count(step.models(), "model"),
        step.failed(),
        Figures.bytes(step.bytes()));
  }

  /** Returns the length of a step in words, such as {@code 10 s} or {@code 7 days}. */
  static String length(Duration length) {
    if (length.toDays() > 0) {
      return Figures.count(length.toDays(), "day");
    }
    if (length.toHours() > 0) {
      return length.toHours() + " h";
    }
    return length.toMinutes() > 0 ? length.toMinutes() + " min" : length.toSeconds() + " s";
  }

  /** What is there is seen, however small its share. */
  private static double height(long part, long top) {
    return part <= 0 ? 0 : Math.max(1.5, 96.0 * part / Math.max(1, top));
  }

  private static void rect(
      StringBuilder svg, String kind, int step, int steps, double bottom, double height) {
    if (height <= 0) {
      return;
    }
    double width = (double) WIDTH / steps;
    double gap = Math.min(1.5, width / 5);
    svg.append(
        Message.of(
            "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>",
            kind,
            step * width + gap / 2,
            HEIGHT - 1 - bottom - height,
            Math.min(width - gap, 60),
            height));
  }
}
