package dev.countersign.catalog.written;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.catalog.CatalogRow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

/** What is written is read back as it was, whatever names hold. */
final class CatalogWriterTest {

  private static final List<String> LABELS = List.of("layout", "ref");

  private static final List<CatalogRow> ROWS =
      List.of(
          row("/lake/plain", "plain", "1", Map.of("layout", "depth", "ref", "main")),
          row("/lake/a,b", "a,b", "", Map.of("layout", "depth")),
          row("/lake/say \"hi\"", "say \"hi\"", "", Map.of()),
          row("/lake/two\nlines\r\n", "two\nlines\r\n", "", Map.of("ref", "x\ry")),
          row("/lake/ blanks ", " blanks ", "\t", Map.of()),
          row("/lake/=1+1", "=HYPERLINK(\"x\")", "@v", Map.of("ref", "-2")),
          row("/lake/\u001b[2J\u2028\u202e", "\u001b[2J\u2028\u202e", "", Map.of()),
          row("/lake/\uD83D\uDE00\uFF5E\uFFFD", "modèle", "", Map.of()));

  @Test
  void write_ofHostileNamesAsCsv_isReadBack() throws Exception {
    byte[] written = written(WrittenFormat.CSV, ROWS);

    List<List<String>> lines = csv(new String(written, UTF_8));

    assertThat(lines.get(0)).containsExactly("model", "name", "version", "layout", "ref");
    assertThat(lines.subList(1, lines.size())).isEqualTo(values());
  }

  @Test
  void write_ofPlainNamesAsCsv_quotesNothing() throws Exception {
    byte[] written = written(WrittenFormat.CSV, ROWS.subList(0, 2));

    assertThat(new String(written, UTF_8))
        .isEqualTo(
            """
            model,name,version,layout,ref
            /lake/plain,plain,1,depth,main
            "/lake/a,b","a,b",,depth,
            """);
  }

  @Test
  void write_ofHostileNamesAsJsonLines_isReadBackAndKeepsToOneAsciiLineEach() throws Exception {
    String written = new String(written(WrittenFormat.JSONL, ROWS), UTF_8);

    assertThat(written).matches("\\p{ASCII}*").doesNotContain("\u001b", "\r").endsWith("}\n");
    List<String> lines = List.of(written.split("\n"));
    assertThat(lines).hasSize(ROWS.size());
    assertThat(lines.get(0))
        .isEqualTo(
            "{\"model\":\"/lake/plain\",\"name\":\"plain\",\"version\":\"1\",\"layout\":\"depth\",\"ref\":\"main\"}");
    List<List<String>> read = new ArrayList<>();
    for (String line : lines) {
      Map<String, String> fields = json(line);
      assertThat(fields).doesNotContainValue("");
      read.add(
          List.of(
              fields.get("model"),
              fields.get("name"),
              fields.getOrDefault("version", ""),
              fields.getOrDefault("layout", ""),
              fields.getOrDefault("ref", "")));
    }
    assertThat(read).isEqualTo(values());
  }

  @Test
  void write_ofHostileNamesAsAvro_isReadBack() throws Exception {
    byte[] written = written(WrittenFormat.AVRO, ROWS);

    List<List<String>> read = new ArrayList<>();
    try (DataFileStream<GenericRecord> file =
        new DataFileStream<>(
            new ByteArrayInputStream(written), new GenericDatumReader<GenericRecord>())) {
      for (GenericRecord record : file) {
        read.add(
            List.of(
                record.get("model").toString(),
                record.get("name").toString(),
                record.get("version").toString(),
                record.get("layout").toString(),
                record.get("ref").toString()));
      }
    }

    assertThat(read).isEqualTo(values());
  }

  @Test
  void close_beforeAnyRow_leavesNothingOfACsv() throws Exception {
    ByteArrayOutputStream output = new ByteArrayOutputStream();

    CatalogWriter.open(WrittenFormat.CSV, output, LABELS).close();

    assertThat(output.toByteArray()).isEmpty();
  }

  @Test
  void ofFile_byEnding_isTheFormatWhateverTheCase() {
    assertThat(WrittenFormat.ofFile("/a/b.CSV")).contains(WrittenFormat.CSV);
    assertThat(WrittenFormat.ofFile("hdfs://nn/x.jsonl")).contains(WrittenFormat.JSONL);
    assertThat(WrittenFormat.ofFile("x.avro")).contains(WrittenFormat.AVRO);
    assertThat(WrittenFormat.ofFile("x.csv.gz")).isEmpty();
    assertThat(WrittenFormat.ofFile("csv")).isEmpty();
  }

  private static CatalogRow row(
      String model, String name, String version, Map<String, String> labels) {
    return new CatalogRow(model, name, version, labels);
  }

  private static List<List<String>> values() {
    return ROWS.stream()
        .map(
            row ->
                List.of(
                    row.model(),
                    row.name(),
                    row.version(),
                    row.labels().getOrDefault("layout", ""),
                    row.labels().getOrDefault("ref", "")))
        .toList();
  }

  private static byte[] written(WrittenFormat format, List<CatalogRow> rows) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (CatalogWriter writer = CatalogWriter.open(format, output, LABELS)) {
      for (CatalogRow row : rows) {
        writer.write(row);
      }
      writer.finish();
      return output.toByteArray();
    }
  }

  private static Map<String, String> json(String line) throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(line)) {
      assertThat(parser.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        fields.put(field, parser.nextTextValue());
      }
      assertThat(parser.nextToken()).isNull();
    }
    return fields;
  }

  /** Reads by the grammar of RFC 4180, but for line ends. */
  private static List<List<String>> csv(String text) {
    List<List<String>> lines = new ArrayList<>();
    List<String> line = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        value.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\n')) {
        line.add(value.toString());
        value.setLength(0);
        if (c == '\n') {
          lines.add(line);
          line = new ArrayList<>();
        }
      } else {
        value.append(c);
      }
    }
    assertThat(quoted).isFalse();
    assertThat(line).isEmpty();
    return lines;
  }
}
