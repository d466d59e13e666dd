package dev.countersign.catalog.file;

import dev.countersign.storage.StorageException;
import dev.countersign.text.StrictUtf8;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The rows of a CSV file as RFC 4180 has them, read strictly and within bounds. Not thread safe.
 *
 * <p>Own, because a row that breaks a rule must not end the catalog, nor a quote that is never
 * closed fill the memory: libraries for CSV either take what is malformed, or stop at it, and bound
 * nothing. In UTF-8 no byte of a longer character looks like a comma, a quote or the end of a line.
 */
final class CsvRows {

  /**
   * A row.
   *
   * @param line the line that it begins on, from 1
   */
  record Row(long line, List<String> fields) {}

  private final CatalogInput input;
  private final ByteArrayOutputStream field = new ByteArrayOutputStream(256);
  private List<String> fields = new ArrayList<>();
  private long line = 1;
  private int rowBytes;
  private String fault = "";
  private boolean ended;

  CsvRows(CatalogInput input) throws StorageException {
    this.input = input;
    input.skipMark();
  }

  /**
   * Returns the next row, or nothing at the end. Empty lines are passed over. If the row breaks a
   * rule, {@link #fault} says so, and its fields mean nothing.
   */
  Optional<Row> next() throws StorageException {
    fault = "";
    while (!ended && isEndOfLine()) {
      takeEndOfLine();
    }
    if (ended || input.peek() < 0) {
      return Optional.empty();
    }
    long begins = line;
    fields = new ArrayList<>();
    rowBytes = 0;
    boolean more = true;
    while (more) {
      field.reset();
      if (input.peek() == '"') {
        readQuoted();
      } else {
        readPlain();
      }
      endField();
      more = !ended && input.peek() == ',';
      if (more) {
        input.next();
      }
    }
    takeEndOfLine();
    return Optional.of(new Row(begins, fields));
  }

  /** Returns which rule the row breaks, and what would help; empty for none. */
  String fault() {
    return fault;
  }

  private void readPlain() throws StorageException {
    for (int b = input.peek(); b >= 0 && b != ',' && !isEndOfLine(); b = input.peek()) {
      if (b == '"') {
        spoil(
            "a quote stands inside a field that does not begin with one. Quote the whole field, and"
                + " double quotes in it.");
      } else if (b == '\r') {
        spoil("a carriage return stands alone. End lines with LF or CR LF, or quote the field.");
      }
      keep(input.next());
    }
  }

  private void readQuoted() throws StorageException {
    long opened = line;
    input.next();
    while (true) {
      int b = input.next();
      if (b < 0) {
        spoil(
            String.format(
                Locale.ROOT,
                "the quote that opens on line %d is never closed, so the catalog ends here. Close"
                    + " it, and double quotes inside a field.",
                opened));
        ended = true;
        return;
      }
      if (b == '"') {
        if (input.peek() != '"') {
          break;
        }
        input.next();
      } else if (b == '\n') {
        line++;
      }
      keep(b);
    }
    if (input.peek() >= 0 && input.peek() != ',' && !isEndOfLine()) {
      spoil("text stands behind a closing quote. Double quotes inside a quoted field.");
      while (input.peek() >= 0 && !isEndOfLine()) {
        input.next();
      }
    }
  }

  /** Keeps a byte of a field, as long as the row is not too long. */
  private void keep(int b) {
    rowBytes++;
    if (rowBytes > CatalogLimits.MAX_RECORD_BYTES) {
      spoil(TextLines.TOO_LONG);
    } else {
      field.write(b);
    }
  }

  private void endField() {
    if (fields.size() == CatalogLimits.MAX_FIELDS) {
      spoil(
          String.format(
              Locale.ROOT,
              "it has more than %d fields, which is the limit. Leave some out.",
              CatalogLimits.MAX_FIELDS));
      return;
    }
    Optional<String> text = StrictUtf8.decode(field.toByteArray());
    if (text.isEmpty()) {
      spoil(TextLines.NOT_UTF_8);
    }
    fields.add(text.orElse(""));
  }

  private void spoil(String text) {
    if (fault.isEmpty()) {
      fault = text;
    }
  }

  private boolean isEndOfLine() throws StorageException {
    int b = input.peek();
    return b == '\n' || (b == '\r' && input.peekSecond() == '\n');
  }

  private void takeEndOfLine() throws StorageException {
    if (input.peek() == '\r') {
      input.next();
    }
    if (input.peek() == '\n') {
      input.next();
      line++;
    }
  }
}
