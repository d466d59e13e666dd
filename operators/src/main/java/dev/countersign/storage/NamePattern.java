package dev.countersign.storage;

import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.List;

/**
 * A pattern of single names, in the language of one segment of a {@link GlobPattern}. Matching
 * takes at most the product of both lengths.
 */
public final class NamePattern {

  /** What {@code {a,b}{c,d}...} may multiply to: bounds the work on a hostile pattern. */
  private static final int MAX_ALTERNATIVES = 1_000;

  /** What one place of a segment takes. */
  private sealed interface Place {
    boolean takes(int codePoint);
  }

  private record One(int codePoint) implements Place {
    @Override
    public boolean takes(int other) {
      return codePoint == other;
    }
  }

  private record Any(boolean many) implements Place {
    @Override
    public boolean takes(int codePoint) {
      return true;
    }
  }

  /** Code points in ranges, ends inclusive: from at even, to at odd positions. */
  private record OneOf(List<Integer> ranges, boolean negated) implements Place {
    @Override
    public boolean takes(int codePoint) {
      for (int i = 0; i < ranges.size(); i += 2) {
        if (ranges.get(i) <= codePoint && codePoint <= ranges.get(i + 1)) {
          return !negated;
        }
      }
      return negated;
    }
  }

  /** One alternative: no braces any more, only characters, sets and stars. */
  private record Alternative(String text, List<Place> places) {

    /** Returns the only text that it matches; empty if it matches others. */
    String literal() {
      return places.stream().allMatch(One.class::isInstance) ? text : "";
    }

    /**
     * Tells whether a name matches. After a mismatch only the last star can take one more
     * character: what an earlier star could take, the last one can too.
     */
    boolean matches(int[] name) {
      if (name.length > 0 && name[0] == '.' && !text.startsWith(".")) {
        return false;
      }
      int place = 0;
      int afterStar = -1;
      int retry = 0;
      for (int i = 0; i < name.length; ) {
        if (place < places.size() && places.get(place) instanceof Any any && any.many()) {
          place++;
          afterStar = place;
          retry = i;
        } else if (place < places.size() && places.get(place).takes(name[i])) {
          place++;
          i++;
        } else if (afterStar >= 0) {
          place = afterStar;
          retry++;
          i = retry;
        } else {
          return false;
        }
      }
      while (place < places.size() && places.get(place) instanceof Any any && any.many()) {
        place++;
      }
      return place == places.size();
    }
  }

  private final String text;
  private final List<Alternative> alternatives;

  private NamePattern(String text, List<Alternative> alternatives) {
    this.text = text;
    this.alternatives = alternatives;
  }

  /**
   * Parses a pattern.
   *
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if it is malformed, or names
   *     more than one level
   */
  public static NamePattern parse(String pattern) throws StorageException {
    if (pattern.isEmpty() || pattern.indexOf('/') >= 0) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          pattern,
          "The pattern %s is not a single name. Write it without /, as in *.safetensors.",
          Printable.of(pattern));
    }
    return parse(pattern, pattern);
  }

  /**
   * Parses a segment.
   *
   * @param pattern the whole pattern, for messages
   */
  static NamePattern parse(String segment, String pattern) throws StorageException {
    List<Alternative> alternatives = new ArrayList<>();
    for (String text : expanded(segment, pattern)) {
      alternatives.add(new Alternative(text, places(text, pattern)));
    }
    return new NamePattern(segment, List.copyOf(alternatives));
  }

  /** Tells whether a name matches; one that begins with a dot only if the pattern does too. */
  public boolean matches(String name) {
    int[] codePoints = name.codePoints().toArray();
    return alternatives.stream().anyMatch(alternative -> alternative.matches(codePoints));
  }

  /** Returns the one name that matches; empty if others may, too. */
  String literal() {
    return alternatives.size() == 1 ? alternatives.get(0).literal() : "";
  }

  /** Returns the pattern as it was written. */
  @Override
  public String toString() {
    return text;
  }

  /** Returns the segment's alternatives without braces. */
  private static List<String> expanded(String segment, String pattern) throws StorageException {
    List<String> expanded = new ArrayList<>();
    List<String> pending = new ArrayList<>(List.of(segment));
    while (!pending.isEmpty()) {
      String text = pending.remove(pending.size() - 1);
      int open = firstOutsideSets(text, '{');
      if (open < 0) {
        expanded.add(text);
      } else {
        int close = text.indexOf('}', open);
        if (close < 0) {
          throw malformed(pattern, "{ without }, or with / before it");
        }
        String inside = text.substring(open + 1, close);
        if (inside.indexOf('{') >= 0) {
          throw malformed(pattern, "{ inside { }");
        }
        for (String alternative : inside.split(",", -1)) {
          pending.add(text.substring(0, open) + alternative + text.substring(close + 1));
        }
      }
      if (expanded.size() + pending.size() > MAX_ALTERNATIVES) {
        throw malformed(pattern, "more than " + MAX_ALTERNATIVES + " alternatives in { }");
      }
    }
    return expanded;
  }

  private static int firstOutsideSets(String text, char wanted) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == wanted) {
        return i;
      }
      if (text.charAt(i) == '[') {
        int close = endOfSet(text, i);
        i = close < 0 ? i : close;
      }
    }
    return -1;
  }

  private static List<Place> places(String text, String pattern) throws StorageException {
    if (text.contains("**")) {
      throw malformed(pattern, "**: name each folder level with a * of its own");
    }
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      if (codePoint == '[') {
        int close = endOfSet(text, i);
        if (close < 0) {
          throw malformed(pattern, "[ without ], or with / before it");
        }
        places.add(set(text.substring(i + 1, close), pattern));
        i = close + 1;
      } else {
        places.add(
            switch (codePoint) {
              case '*' -> new Any(true);
              case '?' -> new Any(false);
              default -> new One(codePoint);
            });
        i += Character.charCount(codePoint);
      }
    }
    return List.copyOf(places);
  }

  /**
   * Returns where the set that begins at {@code open} ends; a {@code ]} that comes first is in it.
   */
  private static int endOfSet(String text, int open) {
    int first = open + 1;
    if (first < text.length() && isNegation(text.charAt(first))) {
      first++;
    }
    return text.indexOf(']', first + 1);
  }

  private static boolean isNegation(int codePoint) {
    return codePoint == '!' || codePoint == '^';
  }

  private static Place set(String inside, String pattern) throws StorageException {
    int[] codePoints = inside.codePoints().toArray();
    boolean negated = isNegation(codePoints[0]);
    List<Integer> ranges = new ArrayList<>();
    for (int i = negated ? 1 : 0; i < codePoints.length; ) {
      boolean range = i + 2 < codePoints.length && codePoints[i + 1] == '-';
      int last = codePoints[range ? i + 2 : i];
      if (last < codePoints[i]) {
        throw malformed(pattern, "a range in [ ] that runs backwards");
      }
      ranges.add(codePoints[i]);
      ranges.add(last);
      i += range ? 3 : 1;
    }
    return new OneOf(List.copyOf(ranges), negated);
  }

  private static StorageException malformed(String pattern, String what) {
    return StorageException.of(
        StorageException.Kind.UNSUPPORTED,
        pattern,
        "The pattern %s has %s. Known are * ? [a-z] [!a-z] {a,b}, each within one folder level.",
        Printable.of(pattern),
        what);
  }
}
