package dev.countersign.jobs.terminal;

import dev.countersign.oms.Printable;

/**
 * Untrusted text on its way to a terminal, escaped as {@link Printable} does, but not cut short.
 */
public final class TerminalText {

  /** Far below the length at which {@link Printable} cuts, in code points. */
  private static final int PIECE = 100;

  /** Letters and symbols that look like spaces: Braille's blank and the fillers of Hangul. */
  private static final String BLANKS = "\u2800\u115f\u1160\u3164\uffa0";

  private TerminalText() {}

  /** Returns the text, escaped. */
  public static String of(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    int start = 0;
    while (start < text.length()) {
      int end = endOfPiece(text, start);
      safe.append(Printable.of(text.substring(start, end)));
      start = end;
    }
    return safe.toString();
  }

  /**
   * Returns a name, escaped; between quotation marks if it holds a space of any kind or begins with
   * such a mark, so that it cannot look like a name and what is said of it. Marks within are
   * escaped.
   */
  public static String name(String name) {
    String safe = of(name);
    boolean quoted = name.startsWith("\"") || name.codePoints().anyMatch(TerminalText::isSpace);
    return quoted ? '"' + safe.replace("\"", "\\u0022") + '"' : safe;
  }

  /** Those of Unicode, too, and what has no ink without being a space. */
  private static boolean isSpace(int codePoint) {
    return Character.isSpaceChar(codePoint) || BLANKS.indexOf(codePoint) >= 0;
  }

  private static int endOfPiece(String text, int start) {
    int end = Math.min(start + PIECE, text.length());
    boolean cutsPair =
        end < text.length()
            && Character.isHighSurrogate(text.charAt(end - 1))
            && Character.isLowSurrogate(text.charAt(end));
    return cutsPair ? end + 1 : end;
  }
}
