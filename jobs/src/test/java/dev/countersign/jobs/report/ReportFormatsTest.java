package dev.countersign.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportFormatsTest {

  private final ReportTotals totals = new ReportTotals();

  @Test
  void csv_ofHostileResults_isALineForEachWithAllColumns() throws IOException {
    String table = HostileResults.report(CsvReport::new, HostileResults.all());

    List<List<String>> lines = cells(table);
    assertThat(lines).hasSize(HostileResults.TEXTS.size() + 1);
    assertThat(lines).allSatisfy(line -> assertThat(line).hasSize(lines.get(0).size()));
    assertThat(lines.get(0))
        .startsWith("runId", "entryId", "model", "name")
        .doesNotContain("differences");
    assertThat(lines.stream().flatMap(List::stream))
        .noneMatch(cell -> cell.matches("[=+@-].*") && !cell.matches("-[0-9]+"));
    assertThat(table.replace("\r\n", "")).doesNotContainPattern("\\p{Cntrl}");
  }

  @Test
  void csv_ofOneResult_hasItsValues() throws IOException {
    ModelResult result =
        HostileResults.plain("/lake/a,b \"c\"", Outcome.SIGNED)
            .setName("=cmd")
            .setWeakened(List.of("one", "two"))
            .setBytes(12)
            .build();

    List<List<String>> lines = cells(HostileResults.report(CsvReport::new, List.of(result)));

    assertThat(value(lines, "model")).isEqualTo("/lake/a,b \"c\"");
    assertThat(value(lines, "name")).isEqualTo("'=cmd");
    assertThat(value(lines, "weakened")).isEqualTo("one;two");
    assertThat(value(lines, "bytes")).isEqualTo("12");
    assertThat(value(lines, "outcome")).isEqualTo("SIGNED");
    assertThat(value(lines, "timestamp")).isEmpty();
    assertThat(value(lines, "started")).isEqualTo("2026-03-01T12:00:00Z");
  }

  @Test
  void csv_ofAResultWithoutARun_keepsItsColumns() throws IOException {
    ModelResult result = HostileResults.plain("/lake/a", Outcome.SIGNED).setRunId("").build();

    List<List<String>> lines = cells(HostileResults.report(CsvReport::new, List.of(result)));

    assertThat(lines.get(1)).hasSameSizeAs(lines.get(0));
    assertThat(value(lines, "runId")).isEmpty();
    assertThat(value(lines, "model")).isEqualTo("/lake/a");
  }

  @Test
  void csv_whereverASpreadsheetSplits_keepsCellsWhole() throws IOException {
    ModelResult result =
        HostileResults.plain("/lake/a;=cmd", Outcome.SIGNED)
            .setName("b\t=c")
            .setWeakened(List.of("one", "=two"))
            .build();

    String table = HostileResults.report(CsvReport::new, List.of(result));
    String line = table.substring(table.indexOf("\r\n"));

    assertThat(line.replaceAll("\"[^\"]*\"", "")).doesNotContain(";", "\t");
    assertThat(line).contains("\"/lake/a;=cmd\"", "\"one;=two\"", ",b\\u0009=c,");
  }

  @Test
  void markdown_ofHostileResults_keepsTextsInCodeSpans() throws IOException {
    String summary = HostileResults.report(MarkdownReport::new, totals, HostileResults.all());

    assertThat(summary).startsWith("## Countersign: 9 of 17 models failed\n");
    assertThat(summary.lines().filter(line -> line.startsWith("| ") && line.contains("/lake/")))
        .hasSize(9)
        .allSatisfy(line -> assertThat(unescapedPipes(line)).isEqualTo(4))
        .allSatisfy(
            line -> assertThat(withoutCode(line)).matches("\\|  \\| CONTENT_MISMATCH \\|  \\|"));
    assertThat(summary.replace("\n", "")).doesNotContainPattern("\\p{Cntrl}");
  }

  @Test
  void markdown_ofManyFailures_isShort() throws IOException {
    List<ModelResult> results = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      results.add(HostileResults.plain("/lake/" + i, Outcome.FAILED).build());
    }
    totals.addUnread(new UnreadFile("x", "The file x is damaged."));

    String summary = HostileResults.report(MarkdownReport::new, totals, results);

    assertThat(summary)
        .contains("> **Not read:** `The file x is damaged.`")
        .contains("| UNREADABLE | 1,000 |")
        .contains("The first 100 of 1,000 failed models");
    assertThat(summary.lines().filter(line -> line.contains("`/lake/"))).hasSize(100);
  }

  @Test
  void json_ofHostileResults_isOneObjectOfAscii() throws IOException {
    totals.addUnread(new UnreadFile("x", "y"));

    // Halves of a pair are nothing that can be read from a file.
    List<ModelResult> results =
        HostileResults.all().stream()
            .filter(result -> !result.getName().contains("\ud800"))
            .toList();

    String object = HostileResults.report(JsonReport::new, totals, results);

    assertThat(object).doesNotContainPattern("[^\n -~]");
    List<String> fields = new ArrayList<>();
    try (JsonParser json = reader().createParser(object)) {
      while (json.nextToken() != null) {
        if (json.currentToken() == com.fasterxml.jackson.core.JsonToken.FIELD_NAME
            && json.getParsingContext().getParent().inRoot()) {
          fields.add(json.currentName());
        }
      }
    }
    assertThat(fields)
        .containsExactly("models", "totals", "runs", "signers", "weakenedChecks", "unread");
    assertThat(
            object
                .lines()
                .filter(line -> line.startsWith("{\"runId\":") && line.contains("\"entryId\"")))
        .hasSize(results.size());
  }

  /** Takes names of any length, as labels may be. */
  private static JsonFactory reader() {
    return JsonFactory.builder()
        .streamReadConstraints(StreamReadConstraints.builder().maxNameLength(1 << 20).build())
        .build();
  }

  private static String value(List<List<String>> lines, String column) {
    return lines.get(1).get(lines.get(0).indexOf(column));
  }

  /** Reads RFC 4180. */
  private static List<List<String>> cells(String table) {
    List<List<String>> lines = new ArrayList<>();
    for (String line : table.split("\r\n", -1)) {
      if (line.isEmpty()) {
        continue;
      }
      List<String> cells = new ArrayList<>();
      StringBuilder cell = new StringBuilder();
      boolean quoted = false;
      for (int i = 0; i < line.length(); i++) {
        char character = line.charAt(i);
        boolean twice =
            quoted && character == '"' && i + 1 < line.length() && line.charAt(i + 1) == '"';
        if (twice) {
          cell.append(character);
          i++;
        } else if (character == '"') {
          quoted = !quoted;
        } else if (character == ',' && !quoted) {
          cells.add(cell.toString());
          cell.setLength(0);
        } else {
          cell.append(character);
        }
      }
      assertThat(quoted).as(line).isFalse();
      cells.add(cell.toString());
      lines.add(cells);
    }
    return lines;
  }

  private static long unescapedPipes(String line) {
    return line.replaceAll("\\\\\\|", "").chars().filter(c -> c == '|').count();
  }

  /** Takes code spans out as CommonMark finds them: from a run of backticks to the next as long. */
  private static String withoutCode(String line) {
    return line.replaceAll("(?<!`)(`+)(?!`).*?(?<!`)\\1(?!`)", "");
  }
}
