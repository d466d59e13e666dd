package dev.countersign.storage;

import java.util.Locale;

/**
 * Text from outside, made fit for a message on a terminal: what could move the cursor, hide or turn
 * around text is written as {@code \}{@code uXXXX}.
 */
public final class ShownText {

  /** More is cut in the middle, in characters: enough for any name worth reading. */
  private static final int MAX_LENGTH = 300;

  private ShownText() {}

  /** Returns the text as it may be shown. */
  public static String of(String text) {
    StringBuilder shown = new StringBuilder(Math.min(text.length(), MAX_LENGTH) + 16);
    if (text.length() <= MAX_LENGTH) {
      append(shown, text, 0, text.length());
    } else {
      append(shown, text, 0, MAX_LENGTH / 2);
      shown.append("[...]");
      append(shown, text, text.length() - MAX_LENGTH / 2, text.length());
    }
    return shown.toString();
  }

  private static void append(StringBuilder shown, String text, int start, int end) {
    for (int i = start; i < end; ) {
      int codePoint = text.codePointAt(i);
      if (isHarmless(codePoint)) {
        shown.appendCodePoint(codePoint);
      } else {
        shown.append(String.format(Locale.ROOT, "\\u%04X", codePoint));
      }
      i += Character.charCount(codePoint);
    }
  }

  private static boolean isHarmless(int codePoint) {
    if (codePoint < 0x7F) {
      return codePoint >= ' ';
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
