package dev.countersign.storage;

import dev.countersign.text.CodePointOrder;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
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

  /** What a pattern may match at any level: a mistyped one ends before memory does. */
  private static final int MAX_MATCHES = 1_000_000;

  /** The folders of a store. */
  public interface Folders {

    /**
     * Returns the names in a folder that are wanted; none if there is no folder at the URI.
     *
     * @param foldersOnly whether only folders, and links to folders, are wanted
     * @throws StorageException if the folder cannot be listed, or if a name that may be wanted is
     *     not UTF-8
     */
    List<String> names(String uri, Predicate<String> wanted, boolean foldersOnly)
        throws StorageException;

    /** Tells whether anything, or a folder, is stored at a URI. */
    boolean exists(String uri, boolean folderOnly) throws StorageException;
  }

  /** Decides on a folder that cannot be looked into. */
  public interface Blocked {

    /**
     * Passes over it, or throws.
     *
     * @param fault why it cannot
     */
    void at(StorageException fault) throws StorageException;
  }

  private final StoreUri fixed;
  private final List<NamePattern> segments;
  private final boolean foldersOnly;

  private GlobPattern(StoreUri fixed, List<NamePattern> segments, boolean foldersOnly) {
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
    List<NamePattern> segments = new ArrayList<>();
    for (String text : texts.subList(first, texts.size())) {
      segments.add(NamePattern.parse(text, pattern));
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

  /** Returns the patterns of the names below the fixed part, one for each level. */
  List<NamePattern> segments() {
    return segments;
  }

  /** Tells whether a path below the fixed part, without a slash at either end, matches. */
  public boolean matchesBelow(String path) {
    List<String> names = List.of(path.split("/", -1));
    return names.size() == segments.size()
        && IntStream.range(0, names.size()).allMatch(i -> segments.get(i).matches(names.get(i)));
  }

  /**
   * Finds what a pattern matches, level by level, in any store that can list a folder's names.
   *
   * @param pattern as for {@link #parse}
   * @param blocked asked about folders below the fixed part
   * @return URIs in code point order
   */
  public static List<String> expand(String pattern, Folders folders, Blocked blocked)
      throws StorageException {
    GlobPattern parsed = parse(pattern);
    List<String> matches = List.of(parsed.fixedPart());
    for (int level = 0; level < parsed.segments.size(); level++) {
      List<String> below = new ArrayList<>();
      for (String folder : matches) {
        try {
          parsed.addMatches(level, folder, folders, below);
        } catch (StorageException e) {
          if (level == 0) {
            throw e;
          }
          blocked.at(e);
        }
        if (below.size() > MAX_MATCHES) {
          throw StorageException.of(
              StorageException.Kind.LIMIT_EXCEEDED,
              pattern,
              "The pattern %s matches more than %d names. Use several narrower ones.",
              Printable.of(pattern),
              MAX_MATCHES);
        }
      }
      matches = below;
    }
    if (parsed.segments.isEmpty()
        && !StoreCall.patiently(() -> folders.exists(parsed.fixedPart(), parsed.foldersOnly))) {
      return List.of();
    }
    return matches.stream().sorted(CodePointOrder.comparator()).toList();
  }

  private void addMatches(int level, String folder, Folders folders, List<String> below)
      throws StorageException {
    NamePattern segment = segments.get(level);
    boolean foldersOnlyHere = foldersOnly && level == segments.size() - 1;
    String literal = segment.literal();
    if (literal.isEmpty()) {
      for (String name :
          StoreCall.patiently(() -> folders.names(folder, segment::matches, foldersOnlyHere))) {
        below.add(Storages.child(folder, name));
      }
    } else {
      String child = Storages.child(folder, literal);
      if (StoreCall.patiently(() -> folders.exists(child, foldersOnlyHere))) {
        below.add(child);
      }
    }
  }
}
