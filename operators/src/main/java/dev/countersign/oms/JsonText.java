package dev.countersign.oms;

import dev.countersign.text.StrictUtf8;

/**
 * Checks of a JSON document that a parser leaves out or makes too late.
 *
 * <p>They are that all bytes are UTF-8, that no escape spells half of a surrogate pair, and that
 * nothing is nested too deep or listed too often. They pass over the whole document before it is
 * parsed, and take no memory. So they hold for names and values alike, and for fields that nobody
 * looks at, and what is refused for its size costs no more than a look at it.
 */
final class JsonText {

  /**
   * No list is refused here for fewer elements, whatever the bounds: those who read lists that they
   * know hold them to the bound itself, and name the field.
   */
  private static final int MIN_ELEMENTS = 10_000;

  private final byte[] json;
  private final String what;
  private final OmsBounds bounds;

  /** Commas so far in each array that is open, outermost first; far below zero in objects. */
  private final int[] commas;

  private int depth;

  private JsonText(byte[] json, String what, OmsBounds bounds) {
    this.json = json;
    this.what = what;
    this.bounds = bounds;
    // A document cannot be nested deeper than it is long.
    this.commas = new int[Math.min(bounds.maxDepth(), json.length) + 1];
  }

  /**
   * Checks {@code json}, which is called {@code what} in messages.
   *
   * @throws OmsException of kind {@code MALFORMED}, or {@code TOO_LARGE} if it is nested deeper or
   *     lists more than the bounds allow
   */
  static void check(byte[] json, String what, OmsBounds bounds) throws OmsException {
    checkStart(json, what);
    new JsonText(json, what, bounds).checkStructure();
    long fault = StrictUtf8.firstFault(json);
    if (fault >= 0) {
      throw OmsException.malformed(
          "The %s is not JSON in UTF-8: its byte %d is not UTF-8.", what, fault);
    }
  }

  /**
   * Requires that the document starts as an object, which also keeps the parser from guessing at
   * UTF-16, UTF-32 or a byte order mark.
   */
  private static void checkStart(byte[] json, String what) throws OmsException {
    int first = 0;
    while (first < json.length && isSpace(json[first])) {
      first++;
    }
    if (first == json.length) {
      throw OmsException.malformed("The %s is empty, where a JSON object should be.", what);
    }
    boolean wide = json.length > 1 && json[1] == 0;
    if (json[first] != '{' || wide) {
      throw OmsException.malformed("The %s is not a JSON object in UTF-8.", what);
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t' || b == '\n' || b == '\r';
  }

  /** Bytes that are not JSON are left for the parser to find. */
  private void checkStructure() throws OmsException {
    int maxCommas = Math.max(bounds.maxResources(), MIN_ELEMENTS);
    for (int at = 0; at < json.length; at++) {
      switch (json[at]) {
        case '"' -> at = endOfString(at);
        case '{' -> open(at, Integer.MIN_VALUE);
        case '[' -> open(at, 0);
        case '}', ']' -> depth = Math.max(depth - 1, 0);
        case ',' -> {
          if (++commas[depth] >= maxCommas) {
            throw beyond("has a list of more than " + maxCommas + " elements", at);
          }
        }
        default -> {}
      }
    }
  }

  private void open(int at, int commasSoFar) throws OmsException {
    if (depth == bounds.maxDepth()) {
      throw beyond("nests objects and arrays deeper than " + bounds.maxDepth(), at);
    }
    depth++;
    commas[depth] = commasSoFar;
  }

  private OmsException beyond(String excess, int at) {
    return OmsException.tooLarge(
        "The %s goes beyond a limit: it %s, at byte %d.", what, excess, at);
  }

  /** Returns where the string ends that starts at {@code quote}, the last byte if nowhere. */
  private int endOfString(int quote) throws OmsException {
    int at = quote + 1;
    while (at < json.length && json[at] != '"') {
      at = json[at] == '\\' ? afterEscape(at) : at + 1;
    }
    return Math.min(at, json.length - 1);
  }

  /** Returns where text goes on after the escape at {@code at}, both of a pair of surrogates. */
  private int afterEscape(int at) throws OmsException {
    int unit = escapedUnit(json, at);
    if (unit < 0 || !Character.isSurrogate((char) unit)) {
      return at + 2;
    }
    int next = escapedUnit(json, at + 6);
    if (Character.isHighSurrogate((char) unit)
        && next >= 0
        && Character.isLowSurrogate((char) next)) {
      return at + 12;
    }
    throw OmsException.malformed(
        "The %s has an escape at byte %d that is half of a surrogate pair, so it does not spell"
            + " Unicode text.",
        what, at);
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
