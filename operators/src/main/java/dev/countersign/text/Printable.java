package dev.countersign.text;

import java.util.Locale;

/**
 * Untrusted text made fit for a terminal, a log line or a message.
 *
 * <p>A name may hold what clears a screen, forges a second line, or turns the direction of what
 * follows (Unicode's bidirectional controls). All of that is written as an escape: control and
 * format characters, separators of lines and paragraphs, lone surrogates and unassigned code points
 * as {@code \}{@code u001b} or {@code \}{@code u{e0041}}.
 */
public final class Printable {

  /** Greatest number of code points in a message: enough for any name worth reading. */
  private static final int MAX_LENGTH = 300;

  /** Letters and symbols that look like spaces: Braille's blank and the fillers of Hangul. */
  private static final String BLANKS = "\u2800\u115f\u1160\u3164\uffa0";

  private Printable() {}

  /** Returns the text, escaped, with an ellipsis for what exceeds 300 code points in its middle. */
  public static String of(String text) {
    if (text.codePointCount(0, text.length()) <= MAX_LENGTH) {
      return whole(text);
    }
    int end = text.offsetByCodePoints(0, MAX_LENGTH / 2);
    int start = text.offsetByCodePoints(text.length(), -MAX_LENGTH / 2);
    return whole(text.substring(0, end)) + '…' + whole(text.substring(start));
  }

  /** Returns the text, escaped, however long it is. */
  public static String whole(String text) {
    if (text.chars().allMatch(Printable::isPlain)) {
      return text;
    }
    StringBuilder printable = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(codePoint -> append(printable, codePoint));
    return printable.toString();
  }

  /**
   * Returns a name, escaped, however long it is; between quotation marks if it holds a space of any
   * kind or begins with such a mark, so that it cannot look like a name and what is said of it.
   * Marks within are escaped.
   */
  public static String name(String name) {
    String printable = whole(name);
    boolean quoted = name.startsWith("\"") || name.codePoints().anyMatch(Printable::isSpace);
    return quoted ? '"' + printable.replace("\"", "\\u0022") + '"' : printable;
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

  private static boolean isPlain(int unit) {
    return unit >= ' ' && unit < 0x7F;
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

  /** Those of Unicode, too, and what has no ink without being a space. */
  private static boolean isSpace(int codePoint) {
    return Character.isSpaceChar(codePoint) || BLANKS.indexOf(codePoint) >= 0;
  }
}
