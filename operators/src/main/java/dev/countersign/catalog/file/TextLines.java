package dev.countersign.catalog.file;

import dev.countersign.storage.StorageException;
import dev.countersign.text.StrictUtf8;
import java.io.ByteArrayOutputStream;
import java.util.Locale;
import java.util.Optional;

/** The lines of a text in UTF-8, each of bounded length. Not thread safe. */
final class TextLines {

  static final String TOO_LONG =
      String.format(
          Locale.ROOT,
          "it has more than %d bytes, which is the limit. Shorten it.",
          CatalogLimits.MAX_RECORD_BYTES);

  static final String NOT_UTF_8 = "it is not UTF-8. Write the catalog in UTF-8.";

  private final CatalogInput input;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
  private long number;
  private boolean tooLong;

  TextLines(CatalogInput input) throws StorageException {
    this.input = input;
    input.skipMark();
  }

  /** Goes to the next line; returns whether there is one. */
  boolean advance() throws StorageException {
    int first = input.peek();
    if (first < 0) {
      return false;
    }
    line.reset();
    tooLong = false;
    number++;
    for (int b = input.next(); b >= 0 && b != '\n'; b = input.next()) {
      if (line.size() == CatalogLimits.MAX_RECORD_BYTES) {
        tooLong = true;
      } else {
        line.write(b);
      }
    }
    return true;
  }

  /** Returns the number of the line, from 1. */
  long number() {
    return number;
  }

  /** Tells whether the line has more bytes than it may have; its rest was passed over. */
  boolean isTooLong() {
    return tooLong;
  }

  /** Returns the line without its end; empty if it is not UTF-8. */
  Optional<String> text() {
    return StrictUtf8.decode(line.toByteArray());
  }
}
