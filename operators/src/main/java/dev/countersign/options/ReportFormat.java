package dev.countersign.options;

/** What a report is written as. */
public enum ReportFormat {
  /** One page for a browser. */
  HTML,
  /** A summary, for the pages of a CI system. */
  MARKDOWN,
  /** A table of all models. */
  CSV,
  /** Totals and all models, for programs. */
  JSON,
  /** Test results, as CI systems show them. */
  JUNIT
}
