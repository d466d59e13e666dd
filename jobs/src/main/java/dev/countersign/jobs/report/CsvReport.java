package dev.countersign.jobs.report;

import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.SignerCertificate;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    writeLine(columns.stream().map(column -> text(result.get(column.pos()))).toList());
  }

  private void writeLine(List<String> cells) throws IOException {
    out.write(cells.stream().map(CsvReport::quoted).collect(Collectors.joining(",", "", "\r\n")));
  }

  private static String text(@Nullable Object value) {
    String text;
    if (value instanceof CharSequence characters) {
      text = characters.toString();
    } else if (value instanceof List<?> list) {
      text = joined(list.stream().map(String::valueOf));
    } else if (value instanceof Map<?, ?> map) {
      text =
          joined(
              new TreeMap<>(map)
                  .entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()));
    } else if (value instanceof SignerCertificate certificate) {
      text =
          certificate.getIdentity().isEmpty()
              ? certificate.getSubject()
              : certificate.getIdentity();
    } else if (value instanceof IndexedRecord) {
      throw new IllegalStateException("a result has a record that has no column");
    } else {
      return value == null ? "" : value.toString();
    }
    String shown = ReportText.of(text);
    return !shown.isEmpty() && FORMULA_STARTS.indexOf(shown.charAt(0)) >= 0 ? "'" + shown : shown;
  }

  private static String joined(Stream<String> texts) {
    return texts.limit(MAX_ELEMENTS).collect(Collectors.joining(";"));
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
}
