package dev.countersign.jobs.report;

/** Escapes text for HTML and XML, in elements and in attributes in double or single quotes. */
final class Markup {

  private Markup() {}

  /** Returns the text of a result, cut and escaped. */
  static String of(String text) {
    return escape(ReportText.of(text));
  }

  /** Returns the text, escaped; it holds no characters that XML forbids. */
  static String escape(String text) {
    StringBuilder safe = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      switch (character) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        case '\'' -> safe.append("&#39;");
        default -> safe.append(character);
      }
    }
    return safe.toString();
  }
}
