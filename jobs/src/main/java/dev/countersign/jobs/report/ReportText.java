package dev.countersign.jobs.report;

import dev.countersign.jobs.terminal.TerminalText;

/**
 * Text of a result, made fit for a report: cut to a length, and with control characters, line ends
 * and what turns the direction of text written as escapes. It is not yet escaped for a format.
 */
final class ReportText {

  /** Enough for any message and for most paths, in characters. */
  private static final int MAX_LENGTH = 2_000;

  private static final int LAST_PRINTABLE_ASCII = 126;

  private ReportText() {}

  /** Returns the text, cut to 2,000 characters. */
  static String of(String text) {
    return of(text, MAX_LENGTH);
  }

  /** Returns the text, cut to {@code maxLength} characters before it is escaped. */
  static String of(String text, int maxLength) {
    if (text.length() <= maxLength) {
      return escaped(text);
    }
    int end = Character.isHighSurrogate(text.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
    return escaped(text.substring(0, end)) + '…';
  }

  private static String escaped(String text) {
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character < ' ' || character > LAST_PRINTABLE_ASCII) {
        return TerminalText.of(text);
      }
    }
    return text;
  }
}
