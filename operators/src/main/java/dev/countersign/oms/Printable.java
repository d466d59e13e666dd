package dev.countersign.oms;

import java.util.Locale;

/**
 * Untrusted text made fit for a terminal, a log line or a message.
 *
 * <p>A name may hold what clears a screen, forges a second line, or turns the direction of what
 * follows (Unicode's bidirectional controls). All of that is written as an escape.
 */
public final class Printable {

  /** Greatest number of code points kept. */
  private static final int MAX_LENGTH = 200;

  private Printable() {}

  /**
   * Returns {@code text} with control and format characters, separators of lines and paragraphs,
   * lone surrogates and unassigned code points as {@code \}{@code u} escapes, and an ellipsis in
   * place of all beyond the first 200 code points.
   */
  public static String of(String text) {
    StringBuilder printable = new StringBuilder(Math.min(text.length(), MAX_LENGTH) + 16);
    int kept = 0;
    int next = 0;
    while (next < text.length()) {
      if (kept == MAX_LENGTH) {
        return printable.append('…').toString();
      }
      int codePoint = text.codePointAt(next);
      append(printable, codePoint);
      next += Character.charCount(codePoint);
      kept++;
    }
    return printable.toString();
  }

  private static void append(StringBuilder printable, int codePoint) {
    if (!isHarmful(codePoint)) {
      printable.appendCodePoint(codePoint);
    } else if (Character.isBmpCodePoint(codePoint)) {
      printable.append(String.format(Locale.ROOT, "\\u%04x", codePoint));
    } else {
      printable.append(String.format(Locale.ROOT, "\\u{%x}", codePoint));
    }
  }

  private static boolean isHarmful(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }
}
