package dev.countersign.catalog.written;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a catalog is written. */
public enum WrittenFormat {
  /** Comma-separated values with a header line, RFC 4180 but for line ends, which are LF. */
  CSV,
  /** One JSON object a line. */
  JSONL,
  /** An Avro container file. */
  AVRO;

  /** Returns the format that a file's name ends in; empty if it ends in none. */
  public static Optional<WrittenFormat> ofFile(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(format -> lower.endsWith("." + format.name().toLowerCase(Locale.ROOT)))
        .findFirst();
  }
}
