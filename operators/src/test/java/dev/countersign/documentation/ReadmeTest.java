package dev.countersign.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.metrics.RunMetric;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.SignerCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.LogicalType;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares the tables of the README and the manuals with the schemas and the metrics. Replace a
 * table that is out of date by the one that the failure prints.
 */
final class ReadmeTest {

  /** A symbol of an enum and, up to the next one, what its documentation says of it. */
  private static final Pattern SYMBOL_TEXT =
      Pattern.compile("\\b([A-Z][A-Z_]+): (.+?)(?= [A-Z][A-Z_]+: |$)");

  /** Stand for what another version wrote, or for the absence of a failure. */
  private static final Set<String> NOT_DOCUMENTED = Set.of("UNKNOWN", "NONE");

  private static final String RESULTS = "schemas/README.md";

  static Stream<Arguments> tables() {
    return Stream.of(
        Arguments.of(RESULTS, "result", fields(ModelResult.getClassSchema())),
        Arguments.of(RESULTS, "difference", fields(Difference.getClassSchema())),
        Arguments.of(RESULTS, "certificate", fields(SignerCertificate.getClassSchema())),
        Arguments.of(RESULTS, "outcomes", symbols("Outcome", Outcome.SCHEMA$)),
        Arguments.of("README.md", "outcomes", symbols("Outcome", Outcome.SCHEMA$)),
        Arguments.of(RESULTS, "reasons", symbols("Reason", FailureReason.SCHEMA$)),
        Arguments.of("deploy/README.md", "metrics", metrics()));
  }

  @ParameterizedTest
  @MethodSource("tables")
  void table_inDocument_isWhatTheSchemaSays(String document, String name, String table)
      throws IOException {
    String begin = "<!-- " + name + ":begin -->\n";
    String end = "<!-- " + name + ":end -->";

    String text = Files.readString(Path.of("..").resolve(document));

    assertThat(text).containsOnlyOnce(begin).containsOnlyOnce(end);
    assertThat(text.substring(text.indexOf(begin) + begin.length(), text.indexOf(end)))
        .as("%s between %s:begin and %s:end", document, name, name)
        .isEqualTo(table);
  }

  private static String fields(Schema schema) {
    StringBuilder table = new StringBuilder("| Field | Type | Meaning |\n|---|---|---|\n");
    for (Schema.Field field : schema.getFields()) {
      table.append(
          String.format(
              Locale.ROOT,
              "| `%s` | %s | %s |\n",
              field.name(),
              typeOf(field.schema()),
              cell(field.doc())));
    }
    return table.toString();
  }

  private static String typeOf(Schema schema) {
    LogicalType logical = schema.getLogicalType();
    if (logical != null) {
      return logical.getName();
    }
    return switch (schema.getType()) {
      case ARRAY -> "array of " + typeOf(schema.getElementType());
      case MAP -> "map of " + typeOf(schema.getValueType());
      case ENUM -> "enum " + schema.getName();
      case RECORD -> schema.getName();
      case UNION ->
          schema.getTypes().stream().map(ReadmeTest::typeOf).collect(Collectors.joining(" or "));
      default -> schema.getName().toLowerCase(Locale.ROOT);
    };
  }

  private static String metrics() {
    StringBuilder table =
        new StringBuilder("| In Flink | At the port | Kind | Meaning |\n|---|---|---|---|\n");
    for (RunMetric metric : RunMetric.values()) {
      String label =
          metric.label().isEmpty()
              ? ""
              : "{" + metric.label() + "=\"" + metric.label().toUpperCase(Locale.ROOT) + "\"}";
      table.append(
          String.format(
              Locale.ROOT,
              "| `%s` | `%s` | %s, %s | %s |\n",
              metric.documentedName(),
              metric.exposedName() + label,
              metric.kind().text(),
              metric.owner(),
              cell(metric.help())));
    }
    return table.toString();
  }

  private static String symbols(String heading, Schema schema) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (MatchResult found : SYMBOL_TEXT.matcher(schema.getDoc()).results().toList()) {
      texts.put(found.group(1), found.group(2));
    }
    assertThat(texts.keySet())
        .as("what the documentation of %s explains", schema.getName())
        .containsExactlyInAnyOrderElementsOf(schema.getEnumSymbols());
    return schema.getEnumSymbols().stream()
        .filter(symbol -> !NOT_DOCUMENTED.contains(symbol))
        .map(symbol -> "| `" + symbol + "` | " + cell(sentence(texts.get(symbol))) + " |\n")
        .collect(Collectors.joining("", "| " + heading + " | Meaning |\n|---|---|\n", ""));
  }

  private static String sentence(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
