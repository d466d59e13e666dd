package dev.countersign.catalog.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JsonRecordsTest {

  private static final String GOOD = "{\"model\": \"good\"}";

  @Test
  void next_ofAllFields_readsThemAndTakesOtherPrimitivesForLabels() throws Exception {
    List<CatalogRecord> records =
        CatalogTexts.json(
            "{\"model\": \"m1\", \"name\": \"n\", \"version\": \"2\", \"signature\": \"s.sig\","
                + " \"ignore_paths\": [\"logs\"], \"team\": \"vision\", \"stars\": 1.50, \"live\":"
                + " true, \"none\": null, \"nested\": {\"model\": \"x\"}, \"list\": [1, [2]]}\r\n"
                + "\n"
                + "  \n"
                + GOOD);

    assertThat(records)
        .containsExactly(
            new CatalogRecord(
                1,
                "m1",
                "n",
                "2",
                "s.sig",
                List.of("logs"),
                Map.of("team", "vision", "stars", "1.50", "live", "true"),
                ""),
            new CatalogRecord(4, "good", "", "", "", List.of(), Map.of(), ""));
  }

  @Test
  void next_ofTextWithAMark_readsTheFirstLine() throws Exception {
    assertThat(CatalogTexts.json("\uFEFF" + GOOD))
        .singleElement()
        .returns("good", CatalogRecord::model)
        .returns("", CatalogRecord::fault);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'[1]' | it is not a JSON object.",
        "'{' | it is not valid JSON at column 2: Unexpected end-of-input: expected close marker"
            + " for Object. Write one object in each line.",
        "'{\"a\": [}' | it is not valid JSON at column",
        "'{\"model\": \"a\", \"model\": \"b\"}' | it is not valid JSON at column",
        "'{\"model\": \"a\"} {}' | it goes on behind its JSON object.",
        "'{\"model\": 1}' | the field model is not a string.",
        "'{\"model\": \"a\", \"version\": {\"a\": 1}}' | the field version is not a string.",
        "'{\"model\": \"a\", \"ignore_paths\": \"logs\"}' | ignore_paths is not an array of"
            + " strings.",
        "'{\"model\": \"a\", \"ignore_paths\": [1]}' | ignore_paths is not an array of strings.",
        "'{\"model\": \"\\u0000\"}' | the field model holds NUL",
        "'{\"model\": \"\\ud800\"}' | the field model holds NUL or half of a surrogate pair.",
        "'{\"\\udc00\": 1}' | it is not valid JSON at column 9",
      })
  void next_ofABadLine_saysWhyAndGoesOnBehindIt(String line, String fault) throws Exception {
    List<CatalogRecord> records = CatalogTexts.json(line + "\n" + GOOD);

    assertThat(records.get(0).fault()).startsWith(fault).doesNotContain("[Source");
    assertThat(records.get(1).model()).isEqualTo("good");
    assertThat(records.get(1).fault()).isEmpty();
    assertThat(records.get(1).line()).isEqualTo(2);
  }

  @Test
  @Timeout(120)
  void next_ofDepthThatOverflowsTheStack_isABadLine() throws Exception {
    String deep = "{\"a\":".repeat(10_000);

    assertThat(CatalogTexts.json(deep + "\n" + GOOD))
        .extracting(record -> record.fault().isEmpty())
        .containsExactly(false, true);
  }

  @Test
  @Timeout(120)
  void next_ofLineThatFillsTheMemory_isABadLine() throws Exception {
    String huge = "{\"model\": \"" + "x".repeat(1 << 20) + "\"}";

    List<CatalogRecord> records = CatalogTexts.json(huge + "\n" + GOOD);

    assertThat(records.get(0).fault()).isEqualTo(CatalogRecord.TOO_LONG);
    assertThat(records.get(1).model()).isEqualTo("good");
  }

  @Test
  void next_ofBytesThatAreNotUtf8_isABadLine() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("{\"model\": \"".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xFF);
    bytes.writeBytes(("\"}\n" + GOOD).getBytes(StandardCharsets.UTF_8));

    List<CatalogRecord> records =
        CatalogTexts.all(new JsonRecords(CatalogTexts.input(bytes.toByteArray())));

    assertThat(records.get(0).fault()).isEqualTo(CatalogRecord.NOT_UTF_8);
    assertThat(records.get(1).model()).isEqualTo("good");
  }

  @Test
  void next_ofMoreLabelsThanThereMayBe_isABadLine() throws Exception {
    StringBuilder line = new StringBuilder("{\"model\": \"m\"");
    for (int i = 0; i < 33; i++) {
      line.append(", \"l").append(i).append("\": 1");
    }

    assertThat(CatalogTexts.json(line + "}").get(0).fault())
        .isEqualTo("there are more than 32 labels. Leave some out.");
  }

  @Test
  void next_ofMoreThanLabelsMayHaveTogether_isABadLine() throws Exception {
    StringBuilder line = new StringBuilder("{\"model\": \"m\"");
    for (int i = 0; i < 9; i++) {
      line.append(", \"l").append(i).append("\": \"").append("v".repeat(1_000)).append('"');
    }

    assertThat(CatalogTexts.json(line + "}").get(0).fault())
        .isEqualTo("the labels have more than 8000 characters together. Leave some out.");
  }

  @Test
  void next_ofTooManyPathsToIgnore_isABadLine() throws Exception {
    String paths = "\"a\",".repeat(100) + "\"a\"";

    assertThat(
            CatalogTexts.json("{\"model\": \"m\", \"ignore_paths\": [" + paths + "]}")
                .get(0)
                .fault())
        .startsWith("ignore_paths has 101 paths with 101 characters, but may have 100 with 16000.");
  }
}
