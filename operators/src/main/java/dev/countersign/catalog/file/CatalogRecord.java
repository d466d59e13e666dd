package dev.countersign.catalog.file;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one record of a catalog says, whatever its format; empty texts stand for what it leaves out.
 *
 * @param line where it begins, from 1; in Avro, which record it is
 * @param model as it was written
 * @param name a label
 * @param version a label
 * @param signature where the bundle lies, as it was written
 * @param ignorePaths paths to leave out, as they were written
 * @param labels all other fields
 * @param fault which rule the record breaks, and what would help, as sentences; empty for none
 */
record CatalogRecord(
    long line,
    String model,
    String name,
    String version,
    String signature,
    List<String> ignorePaths,
    Map<String, String> labels,
    String fault) {

  static final String TOO_LONG =
      Message.of(
          "it has more than %d bytes, which is the limit. Shorten it.",
          CatalogLimits.MAX_RECORD_BYTES);

  static final String NOT_UTF_8 = "it is not UTF-8. Write the catalog in UTF-8.";

  /** A record of which nothing could be read. */
  static CatalogRecord broken(long line, String fault) {
    return new CatalogRecord(line, "", "", "", "", List.of(), Map.of(), fault);
  }

  /** A record while its fields are read: sorts them, bounds them, and keeps the first fault. */
  static final class Draft {

    private final long line;
    private final Map<String, String> own = new HashMap<>();
    private final Map<String, String> labels = new HashMap<>();
    private List<String> ignorePaths = List.of();
    private int labelsTotal;
    private String fault = "";

    Draft(long line) {
      this.line = line;
    }

    /**
     * Takes the text of a field that is not {@code ignore_paths}; an empty one counts as absent.
     */
    void put(String field, String value) {
      if (value.isEmpty()) {
        return;
      }
      if (!isText(value) || !isText(field)) {
        fault(
            "the field %s holds NUL or half of a surrogate pair. Write Unicode text.",
            Printable.of(field));
        return;
      }
      switch (field) {
        case RecordReader.Field.MODEL, RecordReader.Field.SIGNATURE ->
            putOwn(field, value, CatalogLimits.MAX_URI);
        case RecordReader.Field.NAME, RecordReader.Field.VERSION ->
            putOwn(field, value, CatalogLimits.MAX_NAME);
        default -> putLabel(field, value);
      }
    }

    void ignorePaths(List<String> paths) {
      int total = paths.stream().mapToInt(String::length).sum();
      if (paths.size() > CatalogLimits.MAX_IGNORE_PATHS || total > CatalogLimits.MAX_IGNORE_TOTAL) {
        fault(
            "ignore_paths has %d paths with %d characters, but may have %d with %d. Name folders"
                + " instead of files.",
            paths.size(), total, CatalogLimits.MAX_IGNORE_PATHS, CatalogLimits.MAX_IGNORE_TOTAL);
        return;
      }
      ignorePaths = List.copyOf(paths);
    }

    /** Notes which rule the record breaks, and what would help; the first one counts. */
    @FormatMethod
    void fault(@FormatString String format, Object... arguments) {
      if (fault.isEmpty()) {
        fault = Message.of(format, arguments);
      }
    }

    CatalogRecord finish() {
      return new CatalogRecord(
          line,
          own.getOrDefault(RecordReader.Field.MODEL, ""),
          own.getOrDefault(RecordReader.Field.NAME, ""),
          own.getOrDefault(RecordReader.Field.VERSION, ""),
          own.getOrDefault(RecordReader.Field.SIGNATURE, ""),
          ignorePaths,
          Map.copyOf(labels),
          fault);
    }

    /** Tells whether a text can be written as UTF-8 and can be part of a name. */
    static boolean isText(String text) {
      return text.indexOf('\0') < 0 && StrictUtf8.length(text) >= 0;
    }

    private void putOwn(String field, String value, int limit) {
      if (value.length() > limit) {
        fault(
            "the field %s has %d characters, but may have %d. Shorten it.",
            field, value.length(), limit);
        return;
      }
      own.put(field, value);
    }

    private void putLabel(String field, String value) {
      if (field.isEmpty() || field.length() > CatalogLimits.MAX_LABEL_NAME) {
        fault(
            "the name of the label %s has %d characters, but may have 1 to %d. Rename it.",
            Printable.of(field), field.length(), CatalogLimits.MAX_LABEL_NAME);
      } else if (value.length() > CatalogLimits.MAX_LABEL_VALUE) {
        fault(
            "the label %s has %d characters, but may have %d. Shorten it, or leave it out.",
            Printable.of(field), value.length(), CatalogLimits.MAX_LABEL_VALUE);
      } else if (labels.size() == CatalogLimits.MAX_LABELS) {
        fault("there are more than %d labels. Leave some out.", CatalogLimits.MAX_LABELS);
      } else {
        labelsTotal += field.length() + value.length();
        if (labelsTotal > CatalogLimits.MAX_LABELS_TOTAL) {
          fault(
              "the labels have more than %d characters together. Leave some out.",
              CatalogLimits.MAX_LABELS_TOTAL);
          return;
        }
        labels.put(field, value);
      }
    }
  }
}
