package dev.countersign.storage;

import java.util.Comparator;

/** The order of names in listings: by Unicode code points, which OMS 1.0 demands of resources. */
final class NameOrder {

  /**
   * Orders by code points. {@link String#compareTo} orders by UTF-16 units, which puts U+E000 to
   * U+FFFF behind the surrogates of everything above; all else it orders alike, and fast.
   */
  static final Comparator<String> CODE_POINTS = NameOrder::compare;

  private NameOrder() {}

  private static int compare(String left, String right) {
    int common = Math.min(left.length(), right.length());
    for (int i = 0; i < common; i++) {
      char l = left.charAt(i);
      char r = right.charAt(i);
      if (l != r) {
        return Character.isSurrogate(l) == Character.isSurrogate(r)
            ? l - r
            : Character.isSurrogate(l) ? 1 : -1;
      }
    }
    return left.length() - right.length();
  }
}
