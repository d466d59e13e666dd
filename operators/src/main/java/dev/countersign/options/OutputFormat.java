package dev.countersign.options;

/** How results are printed on standard output. */
public enum OutputFormat {
  /** One line for people. */
  TEXT,
  /** One JSON object a model, with the fields of the Avro record, and nothing else. */
  JSON
}
