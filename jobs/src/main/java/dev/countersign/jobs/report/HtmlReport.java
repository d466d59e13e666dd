package dev.countersign.jobs.report;

import dev.countersign.jobs.terminal.JarText;
import dev.countersign.oms.Sha256;
import dev.countersign.schemas.ModelResult;
import dev.countersign.text.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page that needs nothing beside itself. What the results add up to stands in it as HTML; all
 * models stand in it as JSON, for its script to show.
 *
 * <p>The page in the jar has {@code {{names}}} in the places of what a report says. Its one style
 * sheet and its one script go into it as they are; the policy of the page allows these two, by
 * their digests, and nothing else: nothing from a network, no style or script that a result might
 * smuggle in.
 */
final class HtmlReport implements ReportWriter {

  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z]+)}}");

  private final TextOutput out;
  private final String version;
  private final EmbeddedModels models;

  /** A page with {@code maxModels} in its table at most. */
  HtmlReport(TextOutput out, String version, int maxModels) throws IOException {
    this.out = out;
    this.version = version;
    this.models = new EmbeddedModels(maxModels);
  }

  @Override
  public void add(ModelResult result) throws IOException {
    models.add(result);
  }

  @Override
  public void finish(ReportTotals totals) throws IOException {
    if (models.embedded() < totals.models()) {
      totals.note(
          Message.of(
              "The table of models lists %,d of %,d, with space reserved for failed ones. All other"
                  + " numbers are exact; --format csv and json include all models.",
              models.embedded(), totals.models()));
    }
    String page = JarText.read(HtmlReport.class, "report.html");
    String style = JarText.read(HtmlReport.class, "report.css");
    String script = JarText.read(HtmlReport.class, "report.js");
    PageSections sections = new PageSections(totals, out);
    Matcher places = PLACE.matcher(page);
    int end = 0;
    while (places.find()) {
      out.write(page.substring(end, places.start()));
      end = places.end();
      switch (places.group(1)) {
        case "policy" ->
            out.format(
                "default-src 'none'; style-src '%s'; script-src '%s'; img-src data:;"
                    + " base-uri 'none'; form-action 'none'",
                digest(style), digest(script));
        case "style" -> out.write(style);
        case "script" -> out.write(script);
        case "title" -> out.write("Countersign: " + Phrases.headline(totals.all()));
        case "heading" -> out.write(Phrases.headline(totals.all()));
        case "about" -> sections.about();
        case "notices" -> sections.notices();
        case "tiles" -> sections.tiles();
        case "outcomes" -> sections.outcomes();
        case "reasons" -> sections.reasons();
        case "timeline" -> sections.timeline();
        case "runs" -> sections.runs();
        case "signers" -> sections.signers();
        case "weakened" -> sections.weakened();
        case "slowest" -> sections.ranked(totals.slowest());
        case "largest" -> sections.ranked(totals.largest());
        case "failed" -> sections.failed();
        case "made" ->
            out.format(
                "Created by Countersign %s at %s UTC",
                Markup.of(version), Amounts.time(Instant.now()));
        case "data" -> models.writeTo(out, totals);
        default -> throw new IllegalStateException("nothing is written for " + places.group());
      }
    }
    out.write(page.substring(end));
  }

  /** A source expression of Content Security Policy Level 3, section 2.3.1. */
  private static String digest(String text) {
    byte[] digest = Sha256.digest(text.getBytes(StandardCharsets.UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(digest);
  }

  @Override
  public void close() throws IOException {
    models.close();
  }
}
