package dev.countersign.text;

import java.util.Comparator;

/**
 * The order of strings by Unicode code points, which is also the order of their UTF-8 bytes.
 *
 * <p>{@link String#compareTo} compares UTF-16 code units, where what lies above U+FFFF (a pair of
 * surrogates, D800 to DFFF) comes before U+E000 to U+FFFF. At the first difference, moving the
 * surrogates above everything else is all that is needed.
 */
public final class CodePointOrder {

  private static final Comparator<String> COMPARATOR = CodePointOrder::compare;

  private CodePointOrder() {}

  /** Returns the order. Stateless, so any thread may use it. */
  public static Comparator<String> comparator() {
    return COMPARATOR;
  }

  private static int compare(String left, String right) {
    int shared = Math.min(left.length(), right.length());
    for (int i = 0; i < shared; i++) {
      char a = left.charAt(i);
      char b = right.charAt(i);
      if (a != b) {
        return rank(a) - rank(b);
      }
    }
    return left.length() - right.length();
  }

  private static int rank(char unit) {
    return Character.isSurrogate(unit) ? unit + Character.MIN_SUPPLEMENTARY_CODE_POINT : unit;
  }
}
