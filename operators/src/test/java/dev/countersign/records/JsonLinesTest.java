package dev.countersign.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JsonLinesTest {

  private static final int LIMIT = 10_000;

  @Test
  void line_withFieldsMissingAndMore_hasDefaultsForThoseAndPassesOverThese() throws IOException {
    ModelResult result = first("{\"entryId\":3,\"later\":{\"a\":[1,{}]},\"name\":\"m\"}\n");

    assertThat(result).isEqualTo(ModelResult.newBuilder().setEntryId(3).setName("m").build());
  }

  @Test
  void symbol_ofALaterVersion_becomesTheDefault() throws IOException {
    ModelResult result = first("{\"reason\":\"NEW_IN_VERSION_9\"}\n");

    assertThat(result.getReason()).isEqualTo(FailureReason.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|is not a result: it should be an object",
        "1|is not a result: it should be an object",
        "{\"entryId\":\"3\"}|its field entryId should be a whole number",
        "{\"entryId\":3.0}|its field entryId should be a whole number",
        "{\"entryId\":9223372036854775808}|its field entryId is beyond the range",
        "{\"attempt\":2147483648}|its field attempt is beyond the range",
        "{\"name\":null}|its field name should be a string",
        "{\"truncated\":1}|its field truncated should be true or false",
        "{\"differences\":[3]}|its field differences should be an object",
        "{\"labels\":{\"a\":1}}|its field labels should be a string",
        "{\"started\":1000}|its field started should be a string",
        "{\"started\":\"2026-03-01\"}|its field started is not a time in UTC",
        "{\"started\":\"2026-03-01T12:00:00.0001Z\"}|its field started is not a time in UTC",
        "{\"name\":\"a\",\"name\":\"b\"}|is not valid JSON or goes beyond a limit, at byte ",
        "{\"x\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}|goes beyond a limit",
        "{} {}|goes on after the end of its JSON object",
        "{\"name\":|is not valid JSON",
        "{'name':'a'}|is not valid JSON",
      },
      quoteCharacter = '\u0001')
  void line_thatBreaksARule_isNamedWithTheRule(String line, String expected) {
    assertThatThrownBy(() -> second("{}\n" + line + "\n"))
        .isInstanceOf(MalformedResultsException.class)
        .hasMessageStartingWith("Line 2 of file.jsonl ")
        .hasMessageContaining(expected)
        .hasMessageEndingWith(".");
  }

  @Test
  void line_thatIsEmpty_isRefused() {
    assertThatThrownBy(() -> first("\n{}\n"))
        .hasMessage("Line 1 of file.jsonl is not a result: it should be an object.");
  }

  @Test
  void line_withoutItsEnd_isACutOffFile() {
    assertThatThrownBy(() -> first("{}"))
        .hasMessage("Line 1 of file.jsonl does not end: the file was cut off.");
  }

  @Test
  void line_beyondTheLimit_isRefusedBeforeItIsParsed() throws IOException {
    String longest = "{\"name\":\"" + "x".repeat(LIMIT - 11) + "\"}";

    assertThat(first(longest + "\n").getName()).hasSize(LIMIT - 11);
    assertThatThrownBy(() -> first(longest + " \n"))
        .hasMessage("Line 1 of file.jsonl is longer than 10,000 bytes, the limit.");
  }

  @Test
  void bytes_thatAreNoUtf8_areRefused() {
    assertThatThrownBy(() -> first("{\"name\":\"\u00e8\"}\n", "ISO-8859-1"))
        .hasMessageContaining("is not valid JSON");
  }

  private static ModelResult first(String text) throws IOException {
    return first(text, "UTF-8");
  }

  private static ModelResult first(String text, String charset) throws IOException {
    try (JsonLines lines =
        new JsonLines("file.jsonl", new ByteArrayInputStream(text.getBytes(charset)), LIMIT)) {
      return lines.next();
    }
  }

  private static ModelResult second(String text) throws IOException {
    try (JsonLines lines =
        new JsonLines(
            "file.jsonl", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), LIMIT)) {
      lines.next();
      return lines.next();
    }
  }
}
