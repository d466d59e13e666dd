package dev.countersign.catalog.file;

/** What a catalog may not exceed; it is hostile, and parts of it are kept while a run goes on. */
final class CatalogLimits {

  /** Bytes of the file. */
  static final long MAX_BYTES = 16L << 30;

  /** Entries, bad ones included. */
  static final long MAX_ENTRIES = 20_000_000;

  /** Bytes of one line, or of one record of a text format, as it stands in the file. */
  static final int MAX_RECORD_BYTES = 64 << 10;

  /** Bytes of one block of an Avro file, also once it is unpacked. */
  static final int MAX_BLOCK_BYTES = 16 << 20;

  /** Columns of a CSV file, fields of an Avro record. */
  static final int MAX_FIELDS = 200;

  /** Characters of a URI. */
  static final int MAX_URI = 4_096;

  /** Characters of a name, or of a version. */
  static final int MAX_NAME = 1_000;

  /** Labels of one entry. */
  static final int MAX_LABELS = 32;

  /** Characters of a label's name. */
  static final int MAX_LABEL_NAME = 100;

  /** Characters of a label's value. */
  static final int MAX_LABEL_VALUE = 1_000;

  /** Characters of all labels of one entry together. */
  static final int MAX_LABELS_TOTAL = 8_000;

  /** Paths to ignore of one entry. */
  static final int MAX_IGNORE_PATHS = 100;

  /** Characters of all paths to ignore of one entry together. */
  static final int MAX_IGNORE_TOTAL = 16_000;

  private CatalogLimits() {}
}
