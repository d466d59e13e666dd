package dev.countersign.catalog.file;

import dev.countersign.catalog.CatalogException;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** CSV with a header: the columns are fields, and an empty field counts as absent. */
public final class CsvRecords implements RecordReader {

  private final CsvRows rows;
  private final List<String> header;

  /**
   * Reads the header.
   *
   * @param shown what to call the catalog in messages
   * @throws CatalogException if it has no column {@code model}, or is no header
   */
  public CsvRecords(CatalogInput input, String shown) throws StorageException, CatalogException {
    this.rows = new CsvRows(input);
    this.header = rows.next().map(CsvRows.Row::fields).orElse(List.of());
    String fault = rows.fault().isEmpty() ? headerFault(header) : rows.fault();
    if (!fault.isEmpty()) {
      throw new CatalogException(
          String.format(
              Locale.ROOT, "The header of the catalog %s cannot be used: %s", shown, fault));
    }
  }

  @Override
  public Optional<CatalogRecord> next() throws StorageException {
    Optional<CsvRows.Row> next = rows.next();
    if (next.isEmpty()) {
      return Optional.empty();
    }
    CsvRows.Row row = next.get();
    if (!rows.fault().isEmpty()) {
      return Optional.of(CatalogRecord.broken(row.line(), rows.fault()));
    }
    if (row.fields().size() != header.size()) {
      return Optional.of(
          CatalogRecord.broken(
              row.line(),
              String.format(
                  Locale.ROOT,
                  "it has %d %s and the header has %d. Write as many, and quote a field that"
                      + " holds a comma.",
                  row.fields().size(),
                  row.fields().size() == 1 ? "field" : "fields",
                  header.size())));
    }
    RecordDraft draft = new RecordDraft(row.line());
    for (int column = 0; column < header.size(); column++) {
      put(draft, header.get(column), row.fields().get(column));
    }
    return Optional.of(draft.finish());
  }

  static void put(RecordDraft draft, String field, String value) {
    if (!field.equals(Field.IGNORE_PATHS)) {
      draft.put(field, value);
    } else if (!value.isEmpty()) {
      List<String> paths = JsonRecords.texts(value);
      if (paths == null) {
        draft.fault(
            "ignore_paths is no JSON array of texts. Write it as \"[\"\"logs\"\", \"\"tmp\"\"]\".");
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
        return String.format(
            Locale.ROOT,
            "the name of column %d has %d characters, but may have 1 to %d. Rename it.",
            names.size() + 1,
            name.length(),
            CatalogLimits.MAX_LABEL_NAME);
      }
      if (!names.add(name)) {
        return String.format(
            Locale.ROOT, "it names the column %s twice. Rename one.", Printable.of(name));
      }
      labels += JsonRecords.isOwn(name) || name.equals(Field.IGNORE_PATHS) ? 0 : 1;
    }
    return fieldsFault(names.contains(Field.MODEL), labels, "column");
  }

  /** Returns what is wrong with the fields that all records have; empty if nothing is. */
  static String fieldsFault(boolean hasModel, int labels, String noun) {
    if (!hasModel) {
      return String.format(
          Locale.ROOT, "there is no %s called model. Add one with the model's path or URI.", noun);
    }
    return labels <= CatalogLimits.MAX_LABELS
        ? ""
        : String.format(
            Locale.ROOT,
            "it has %d labels, but may have %d. Leave some out.",
            labels,
            CatalogLimits.MAX_LABELS);
  }
}
