package dev.countersign.jobs.report;

import dev.countersign.text.Printable;

/**
 * Text of a result, made fit for a report: cut to a length, and with control characters, line ends
 * and what turns the direction of text written as escapes. It is not yet escaped for a format.
 */
final class ReportText {

  /** Enough for any message and for most paths, in characters. */
  private static final int MAX_LENGTH = 2_000;

  private ReportText() {}

  /** Returns the text, cut to 2,000 characters. */
  static String of(String text) {
    return of(text, MAX_LENGTH);
  }

  /** Returns the text, cut to {@code maxLength} characters before it is escaped. */
  static String of(String text, int maxLength) {
    if (text.length() <= maxLength) {
      return Printable.whole(text);
    }
    int end = Character.isHighSurrogate(text.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
    return Printable.whole(text.substring(0, end)) + '…';
  }
}
