package dev.countersign.jobs.terminal;

import dev.countersign.oms.Printable;

/**
 * Untrusted text on its way to a terminal, escaped as {@link Printable} does, but not cut short.
 */
public final class TerminalText {

  /** Far below the length at which {@link Printable} cuts, in code points. */
  private static final int PIECE = 100;

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

  private static int endOfPiece(String text, int start) {
    int end = Math.min(start + PIECE, text.length());
    boolean cutsPair =
        end < text.length()
            && Character.isHighSurrogate(text.charAt(end - 1))
            && Character.isLowSurrogate(text.charAt(end));
    return cutsPair ? end + 1 : end;
  }
}
