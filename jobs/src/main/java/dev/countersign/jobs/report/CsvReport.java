package dev.countersign.jobs.report;

import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.SignerCertificate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * A table of all models as RFC 4180 has it, with a heading: the fields of a result under their
 * names, but for the differences, which no cell holds. Of the certificate, its subject. Lists are
 * joined with semicolons. Spreadsheets of many countries split at semicolons, so a cell with one is
 * quoted as well; tabs are escaped. A text that a spreadsheet would take for a formula gets an
 * apostrophe before it.
 */
final class CsvReport implements ReportWriter {

  /** Where programs split a line, whichever separator they expect. */
  private static final String TO_QUOTE = ",;\"";

  private static final String FORMULA_STARTS = "=+-@";
  private static final int MAX_ELEMENTS = 100;

  private final TextOutput out;
  private final List<Schema.Field> columns =
      ModelResult.getClassSchema().getFields().stream()
          .filter(field -> !field.name().equals("differences"))
          .toList();

  /** Writes the heading. */
  CsvReport(TextOutput out) throws IOException {
    this.out = out;
    writeLine(columns.stream().map(Schema.Field::name).toList());
  }

  @Override
  public void add(ModelResult result) throws IOException {
    List<String> cells = new ArrayList<>(columns.size());
    for (Schema.Field column : columns) {
      cells.add(text(result.get(column.pos())));
    }
    writeLine(cells);
  }

  private void writeLine(List<String> cells) throws IOException {
    StringBuilder line = new StringBuilder();
    for (String cell : cells) {
      line.append(line.length() == 0 ? "" : ",").append(quoted(cell));
    }
    out.write(line.append("\r\n").toString());
  }

  private static String text(@Nullable Object value) {
    if (value == null) {
      return "";
    }
    if (value instanceof CharSequence text) {
      return harmless(ReportText.of(text.toString()));
    }
    if (value instanceof List<?> list) {
      return harmless(joined(list.stream().limit(MAX_ELEMENTS).map(String::valueOf).toList()));
    }
    if (value instanceof Map<?, ?> map) {
      List<String> labels = new ArrayList<>();
      new TreeMap<>(map)
          .entrySet().stream()
              .limit(MAX_ELEMENTS)
              .forEach(entry -> labels.add(entry.getKey() + "=" + entry.getValue()));
      return harmless(joined(labels));
    }
    if (value instanceof SignerCertificate certificate) {
      return harmless(ReportText.of(certificate.getSubject()));
    }
    if (value instanceof IndexedRecord) {
      throw new IllegalStateException("a result has a record that has no column");
    }
    return value.toString();
  }

  private static String joined(List<String> texts) {
    return ReportText.of(String.join(";", texts));
  }

  private static String harmless(String text) {
    return !text.isEmpty() && FORMULA_STARTS.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
  }

  private static String quoted(String cell) {
    return cell.chars().noneMatch(character -> TO_QUOTE.indexOf(character) >= 0)
        ? cell
        : '"' + cell.replace("\"", "\"\"") + '"';
  }

  @Override
  public void finish(ReportTotals totals) {
    // A table of models has no totals.
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
