package dev.countersign.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.jobs.results.ClosedRun;
import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class HtmlReportTest {

  private static final Pattern TAG =
      Pattern.compile(
          "<(/?)([a-z][a-z0-9]*)((?: [a-zA-Z][a-zA-Z0-9-]*(?:=\"[^\"<>]*\")?)*) ?(/?)>");
  private static final Set<String> EMPTY = Set.of("meta", "link", "input", "br");
  private static final Set<String> ELEMENTS =
      Set.of(
          "html",
          "head",
          "meta",
          "title",
          "link",
          "style",
          "body",
          "a",
          "header",
          "div",
          "p",
          "h1",
          "h2",
          "h3",
          "button",
          "main",
          "section",
          "dl",
          "dt",
          "dd",
          "span",
          "table",
          "thead",
          "tbody",
          "tr",
          "th",
          "td",
          "svg",
          "rect",
          "line",
          "g",
          "code",
          "bdi",
          "figure",
          "figcaption",
          "details",
          "summary",
          "ul",
          "li",
          "strong",
          "form",
          "label",
          "input",
          "select",
          "option",
          "footer",
          "dialog",
          "script");

  @Test
  void page_ofHostileResults_isWellFormedAndHasItsOwnElementsOnly() throws IOException {
    String page = page(HostileResults.all());

    List<String> elements = elements(page);

    assertThat(elements).isSubsetOf(ELEMENTS);
    assertThat(elements).filteredOn("script"::equals).hasSize(2);
    assertThat(elements).filteredOn("style"::equals).hasSize(1);
    assertThat(page)
        .doesNotContainPattern(
            "[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]");
  }

  @Test
  void policy_ofThePage_allowsItsStyleAndScriptAndNothingElse() throws Exception {
    String page = page(HostileResults.all());

    assertThat(between(page, "content=\"default-src", "\">"))
        .isEqualTo(
            " 'none'; style-src 'sha256-"
                + digest(between(page, "<style>", "</style>"))
                + "'; script-src 'sha256-"
                + digest(between(page, "\n<script>", "</script>"))
                + "'; img-src data:; base-uri 'none'; form-action 'none'");
    assertThat(page)
        .doesNotContain("style=\"")
        .doesNotContain("http://")
        .doesNotContain("https://");
  }

  @Test
  void models_inThePage_areJsonOfPlainCharacters() throws IOException {
    String data = data(page(HostileResults.all()));

    assertThat(data).doesNotContainPattern("[^\n -~]").doesNotContain("<").doesNotContain("&");
    assertThat(rows(data)).isEqualTo(HostileResults.TEXTS.size());
  }

  @Test
  void sums_ofResults_standInThePageWithoutItsScript() throws IOException {
    ReportTotals totals = new ReportTotals();
    totals.addUnread(new UnreadFile("x", "The file <x> is cut off."));
    totals.close(new ClosedRun("run-one", "sign", "", "", 3, "0.1.0", List.of("private-key=<k>")));

    String page =
        HostileResults.report(
            out -> new HtmlReport(out, "1.0", EmbeddedModels.MAX_MODELS),
            totals,
            List.of(
                HostileResults.plain("/lake/a", Outcome.SIGNED).setBytes(5_000_000).build(),
                HostileResults.plain("/lake/b", Outcome.FAILED)
                    .setMessage("Disk & all.")
                    .setWeakened(List.of("ignore-paths"))
                    .build()));
    String still = page.replaceAll("(?s)<script.*?</script>", "");

    assertThat(still)
        .contains(
            "<h1>1 of 2 models failed</h1>", "The file &lt;x&gt; is cut off.", "Disk &amp; all.")
        .contains("5.0 MB", "--ignore-paths", "2 of 3 results", "private-key=&lt;k&gt;");
    assertThat(between(still, "<div id=\"failed\">", "</div>\n</section>"))
        .contains("/lake/b", "UNREADABLE")
        .doesNotContain("/lake/a");
  }

  @Test
  void models_beyondTheBound_areCountedAndLeftOut() throws IOException {
    List<ModelResult> results = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      results.add(
          HostileResults.plain("/lake/" + i, i >= 95 ? Outcome.FAILED : Outcome.SIGNED).build());
    }

    String page = HostileResults.report(out -> new HtmlReport(out, "1.0", 50), results);

    assertThat(page)
        .contains("The table of models lists 50 of 100, with space reserved for failed ones.");
    assertThat(rows(data(page))).isEqualTo(50);
    assertThat(data(page)).contains("/lake/44", "/lake/95", "/lake/99").doesNotContain("/lake/45");
    assertThat(page).contains("<h1>5 of 100 models failed</h1>");
  }

  @Test
  void page_ofNoResults_isWhole() throws IOException {
    String page = page(List.of());

    assertThat(elements(page)).contains("html");
    assertThat(page).contains("<h1>0 models, none failed</h1>");
  }

  private static String page(List<ModelResult> results) throws IOException {
    return HostileResults.report(
        out -> new HtmlReport(out, "1.0<", EmbeddedModels.MAX_MODELS), results);
  }

  /** Returns the names of all elements; each must end where it may. */
  private static List<String> elements(String page) {
    String markup =
        page.replaceAll("(?s)(<(script|style)\\b[^>]*>).*?</\\2>", "$1</$2>")
            .replaceFirst("<!DOCTYPE html>", "");
    List<String> names = new ArrayList<>();
    Deque<String> open = new ArrayDeque<>();
    Set<String> ids = new HashSet<>();
    int end = 0;
    Matcher tags = TAG.matcher(markup);
    while (tags.find()) {
      assertThat(markup.substring(end, tags.start())).doesNotContain("<").doesNotContain(">");
      end = tags.end();
      String name = tags.group(2).toLowerCase(Locale.ROOT);
      if (!tags.group(1).isEmpty()) {
        assertThat(open.pop()).isEqualTo(name);
      } else {
        names.add(name);
        Matcher id = Pattern.compile(" id=\"([^\"]*)\"").matcher(tags.group(3));
        assertThat(!id.find() || ids.add(id.group(1))).as(tags.group()).isTrue();
        assertThat(tags.group(3).replaceAll("\"[^\"]*\"", "")).doesNotContainPattern(" on[a-z]+=");
        if (!EMPTY.contains(name) && tags.group(4).isEmpty()) {
          open.push(name);
        }
      }
    }
    assertThat(markup.substring(end)).isBlank();
    assertThat(open).isEmpty();
    return names;
  }

  private static String data(String page) {
    return between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
  }

  /** Parses all of it; returns how many models there are. */
  private static int rows(String data) throws IOException {
    int rows = 0;
    try (JsonParser json = new JsonFactory().createParser(data)) {
      assertThat(json.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      assertThat(json.nextFieldName()).isEqualTo("models");
      assertThat(json.nextToken()).isEqualTo(JsonToken.START_ARRAY);
      while (json.nextToken() == JsonToken.START_ARRAY) {
        rows++;
        json.skipChildren();
      }
      while (json.nextToken() != null) {
        // To the end, so that all of it is seen to be JSON.
      }
    }
    return rows;
  }

  private static String between(String text, String begin, String end) {
    int start = text.indexOf(begin) + begin.length();
    return text.substring(start, text.indexOf(end, start));
  }

  private static String digest(String text) throws Exception {
    return Base64.getEncoder()
        .encodeToString(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }
}
