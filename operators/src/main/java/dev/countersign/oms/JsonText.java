package dev.countersign.oms;

/**
 * The checks of a JSON document's bytes that a parser leaves out: that they are UTF-8, the whole of
 * them, and that no escape spells half of a surrogate pair.
 *
 * <p>They pass over the whole document once before it is parsed, so they hold for names and values
 * alike, and for fields that nobody looks at.
 */
final class JsonText {

  private JsonText() {}

  /**
   * Checks {@code json}, which is called {@code what} in messages.
   *
   * @throws OmsException of kind {@code MALFORMED}
   */
  static void check(byte[] json, String what) throws OmsException {
    checkStart(json, what);
    long fault = Utf8.firstFault(json);
    if (fault >= 0) {
      throw OmsException.malformed(
          "The " + what + " is not JSON in UTF-8: its byte " + fault + " is not UTF-8.");
    }
    int escape = loneSurrogate(json);
    if (escape >= 0) {
      throw OmsException.malformed(
          "The "
              + what
              + " has an escape at byte "
              + escape
              + " that is half of a surrogate pair, so it does not spell Unicode text.");
    }
  }

  /**
   * Demands that the document starts as an object, which also keeps the parser from guessing at
   * UTF-16, UTF-32 or a byte order mark.
   */
  private static void checkStart(byte[] json, String what) throws OmsException {
    int first = 0;
    while (first < json.length && isSpace(json[first])) {
      first++;
    }
    if (first == json.length) {
      throw OmsException.malformed("The " + what + " is empty, where a JSON object should be.");
    }
    boolean wide = json.length > 1 && json[1] == 0;
    if (json[first] != '{' || wide) {
      throw OmsException.malformed("The " + what + " is not a JSON object in UTF-8.");
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }

  /**
   * Returns the position of the first escape of a surrogate without its other half, or -1. Bytes
   * that are not JSON are left for the parser to find.
   */
  private static int loneSurrogate(byte[] json) {
    int at = 0;
    while (at < json.length) {
      if (json[at] != '\\') {
        at++;
        continue;
      }
      int unit = escapedUnit(json, at);
      if (unit < 0 || !Character.isSurrogate((char) unit)) {
        at += 2;
        continue;
      }
      int next = escapedUnit(json, at + 6);
      boolean pair =
          Character.isHighSurrogate((char) unit)
              && next >= 0
              && Character.isLowSurrogate((char) next);
      if (!pair) {
        return at;
      }
      at += 12;
    }
    return -1;
  }

  /** Returns the code unit that a {@code \}{@code u} escape at {@code at} spells, or -1. */
  static int escapedUnit(byte[] json, int at) {
    if (at > json.length - 6 || json[at] != '\\' || json[at + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      int digit = json[i] < 0 ? -1 : Character.digit((char) json[i], 16);
      if (digit < 0) {
        return -1;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }
}
