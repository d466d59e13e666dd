package dev.countersign.catalog.written;

import dev.countersign.catalog.CatalogRow;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Comma-separated values by RFC 4180, in UTF-8, with a header; lines end in LF, which every reader
 * of RFC 4180 takes and line-wise tools want. A value is quoted where it must be, and where blanks
 * at its ends could get lost.
 */
final class CsvCatalogWriter implements CatalogWriter {

  private final Writer output;
  private final List<String> labels;
  private boolean begun;

  CsvCatalogWriter(OutputStream output, List<String> labels) {
    this.output =
        new BufferedWriter(new OutputStreamWriter(output, StandardCharsets.UTF_8.newEncoder()));
    this.labels = List.copyOf(labels);
  }

  @Override
  public void write(CatalogRow row) throws IOException {
    begin();
    List<String> values = new ArrayList<>(List.of(row.model(), row.name(), row.version()));
    for (String label : labels) {
      values.add(row.labels().getOrDefault(label, ""));
    }
    writeLine(values);
  }

  @Override
  public void finish() throws IOException {
    begin();
    output.flush();
  }

  @Override
  public void close() throws IOException {
    output.close();
  }

  /** Writes the header once. A catalog that came to nothing has none. */
  private void begin() throws IOException {
    if (!begun) {
      begun = true;
      List<String> header = new ArrayList<>(List.of("model", "name", "version"));
      header.addAll(labels);
      writeLine(header);
    }
  }

  private void writeLine(List<String> values) throws IOException {
    String separator = "";
    for (String value : values) {
      output.write(separator);
      output.write(quoted(value));
      separator = ",";
    }
    output.write('\n');
  }

  private static String quoted(String value) {
    boolean plain =
        value.strip().length() == value.length()
            && value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }
}
