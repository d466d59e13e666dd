package dev.countersign.catalog.file;

import dev.countersign.catalog.CatalogException;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * CSV with a header: the columns are fields, and an empty field counts as absent. Rows are as RFC
 * 4180 has them, read strictly and within bounds.
 *
 * <p>Own, because a row that breaks a rule must not end the catalog, nor a quote that is never
 * closed fill the memory: libraries for CSV either take what is malformed, or stop at it, and bound
 * nothing. In UTF-8 no byte of a longer character looks like a comma, a quote or the end of a line.
 */
final class CsvRecords implements RecordReader {

  private final CatalogInput input;
  private final List<String> header;

  private final ByteArrayOutputStream field = new ByteArrayOutputStream(256);
  private List<String> fields = new ArrayList<>();
  private long line = 1;
  private int rowBytes;
  private boolean ended;

  /** Which rule the row breaks, and what would help; empty for none. */
  private String fault = "";

  /**
   * Reads the header.
   *
   * @param shown what to call the catalog in messages
   * @throws CatalogException if it has no column {@code model}, or is no header
   */
  CsvRecords(CatalogInput input, String shown) throws StorageException, CatalogException {
    this.input = input;
    input.skipMark();
    this.header = nextRow() > 0 ? fields : List.of();
    spoil(headerFault(header));
    if (!fault.isEmpty()) {
      throw CatalogException.of("The header of the catalog %s cannot be used: %s", shown, fault);
    }
  }

  @Override
  public Optional<CatalogRecord> next() throws StorageException {
    long begins = nextRow();
    if (begins == 0) {
      return Optional.empty();
    }
    if (fault.isEmpty() && fields.size() != header.size()) {
      spoil(
          Message.of(
              "it has %d %s and the header has %d. Write as many, and quote a field that holds a"
                  + " comma.",
              fields.size(), fields.size() == 1 ? "field" : "fields", header.size()));
    }
    if (!fault.isEmpty()) {
      return Optional.of(CatalogRecord.broken(begins, fault));
    }
    CatalogRecord.Draft draft = new CatalogRecord.Draft(begins);
    for (int column = 0; column < header.size(); column++) {
      put(draft, header.get(column), fields.get(column));
    }
    return Optional.of(draft.finish());
  }

  static void put(CatalogRecord.Draft draft, String field, String value) {
    if (!field.equals(Field.IGNORE_PATHS)) {
      draft.put(field, value);
    } else if (!value.isEmpty()) {
      List<String> paths = JsonRecords.texts(value);
      if (paths == null) {
        draft.fault(
            "ignore_paths is not a JSON array of strings. Write it as \"[\"\"logs\"\","
                + " \"\"tmp\"\"]\".");
      } else {
        draft.ignorePaths(paths);
      }
    }
  }

  private static String headerFault(List<String> header) {
    Set<String> names = new HashSet<>();
    int labels = 0;
    for (String name : header) {
      if (name.isEmpty() || name.length() > CatalogLimits.MAX_LABEL_NAME) {
        return Message.of(
            "the name of column %d has %d characters, but may have 1 to %d. Rename it.",
            names.size() + 1, name.length(), CatalogLimits.MAX_LABEL_NAME);
      }
      if (!names.add(name)) {
        return Message.of("it names the column %s twice. Rename one.", Printable.of(name));
      }
      labels += JsonRecords.isOwn(name) || name.equals(Field.IGNORE_PATHS) ? 0 : 1;
    }
    return fieldsFault(names.contains(Field.MODEL), labels, "column");
  }

  /** Returns what is wrong with the fields that all records have; empty if nothing is. */
  static String fieldsFault(boolean hasModel, int labels, String noun) {
    if (!hasModel) {
      return Message.of("there is no %s called model. Add one with the model's path or URI.", noun);
    }
    return labels <= CatalogLimits.MAX_LABELS
        ? ""
        : Message.of(
            "it has %d labels, but may have %d. Leave some out.", labels, CatalogLimits.MAX_LABELS);
  }

  /**
   * Reads the fields of the next row, and returns the line that it begins on, from 1; 0 at the end.
   * Empty lines are passed over. If the row breaks a rule, {@link #fault} says so, and its fields
   * mean nothing.
   */
  private long nextRow() throws StorageException {
    fault = "";
    while (!ended && isEndOfLine()) {
      takeEndOfLine();
    }
    if (ended || input.peek() < 0) {
      return 0;
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
    return begins;
  }

  private void readPlain() throws StorageException {
    for (int b = input.peek(); b >= 0 && b != ',' && !isEndOfLine(); b = input.peek()) {
      if (b == '"') {
        spoil(
            "a field contains a quote but does not begin with one. Quote the whole field, and"
                + " double quotes in it.");
      } else if (b == '\r') {
        spoil(
            "a carriage return is not followed by a line feed. End lines with LF or CR LF, or quote"
                + " the field.");
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
            Message.of(
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
      spoil("text follows a closing quote. Double quotes inside a quoted field.");
      while (input.peek() >= 0 && !isEndOfLine()) {
        input.next();
      }
    }
  }

  /** Keeps a byte of a field, as long as the row is not too long. */
  private void keep(int b) {
    rowBytes++;
    if (rowBytes > CatalogLimits.MAX_RECORD_BYTES) {
      spoil(CatalogRecord.TOO_LONG);
    } else {
      field.write(b);
    }
  }

  private void endField() {
    if (fields.size() == CatalogLimits.MAX_FIELDS) {
      spoil(
          Message.of(
              "it has more than %d fields, which is the limit. Leave some out.",
              CatalogLimits.MAX_FIELDS));
      return;
    }
    Optional<String> text = StrictUtf8.decode(field.toByteArray());
    if (text.isEmpty()) {
      spoil(CatalogRecord.NOT_UTF_8);
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
