package dev.countersign.storage;

import dev.countersign.text.StoreUri;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A pattern of paths, matched segment by segment.
 *
 * <p>{@code *} stands for any characters but {@code /}, {@code ?} for one, {@code [a-z]} for one of
 * a set and {@code [!a-z]} for one outside it, {@code {a,b}} for either text. All else stands for
 * itself; {@code [*]} is a star. There is no {@code **} and no escape character. A name that begins
 * with a dot is matched only by a segment that does. Characters are code points. A pattern that
 * ends in a slash matches folders only, links to folders among them.
 *
 * <p>Matching takes at most the product of both lengths.
 */
public final class GlobPattern {

  private static final String GLOB_CHARACTERS = "*?[{";

  private final StoreUri fixed;
  private final List<List<SegmentPattern>> segments;
  private final boolean foldersOnly;

  private GlobPattern(StoreUri fixed, List<List<SegmentPattern>> segments, boolean foldersOnly) {
    this.fixed = fixed;
    this.segments = segments;
    this.foldersOnly = foldersOnly;
  }

  /** Tells whether a text holds a character that means something in a pattern. */
  public static boolean hasGlobCharacters(String text) {
    return text.chars().anyMatch(c -> GLOB_CHARACTERS.indexOf(c) >= 0);
  }

  /**
   * Parses a pattern.
   *
   * @param pattern an absolute path or URI, normalised as by {@link Storages#absolute}, but for a
   *     slash at its end
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if it is malformed
   */
  public static GlobPattern parse(String pattern) throws StorageException {
    StoreUri uri = StoreUri.parse(pattern);
    List<String> texts =
        uri.path().equals("/") ? List.of() : List.of(uri.path().substring(1).split("/"));
    int first = 0;
    while (first < texts.size() && !hasGlobCharacters(texts.get(first))) {
      first++;
    }
    List<List<SegmentPattern>> segments = new ArrayList<>();
    for (String text : texts.subList(first, texts.size())) {
      segments.add(SegmentPattern.parse(text, pattern));
    }
    return new GlobPattern(
        uri.withPath("/" + String.join("/", texts.subList(0, first))),
        List.copyOf(segments),
        pattern.endsWith("/"));
  }

  /** Returns the URI above the first segment that holds a glob character. */
  public String fixedPart() {
    return fixed.toString();
  }

  /** Tells whether only folders match, at the last segment. */
  boolean foldersOnly() {
    return foldersOnly;
  }

  /** Tells whether a path below the fixed part, without a slash at either end, matches. */
  public boolean matchesBelow(String path) {
    List<String> names = List.of(path.split("/", -1));
    return names.size() == depth()
        && IntStream.range(0, depth()).allMatch(index -> matches(index, names.get(index)));
  }

  /** Returns how many segments follow the fixed part. */
  int depth() {
    return segments.size();
  }

  /**
   * Tells whether a name matches the segment {@code index}, counted from 0 below the fixed part.
   */
  boolean matches(int index, String name) {
    int[] codePoints = name.codePoints().toArray();
    return segments.get(index).stream().anyMatch(alternative -> alternative.matches(codePoints));
  }

  /** Returns the one name that the segment {@code index} matches; empty if it may match others. */
  String literal(int index) {
    List<SegmentPattern> alternatives = segments.get(index);
    return alternatives.size() == 1 ? alternatives.get(0).literal() : "";
  }

  @Override
  public String toString() {
    return fixed + Arrays.toString(segments.toArray());
  }
}
