package dev.countersign.options;

/** How much is logged, from the least on. */
public enum LogLevel {
  /** Faults. */
  ERROR,
  /** What deserves a look. */
  WARN,
  /** What happens. */
  INFO,
  /** What happens inside. */
  DEBUG,
  /** Everything. */
  TRACE
}
