package dev.countersign.storage;

import dev.countersign.text.CodePointOrder;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Finds what a pattern matches, level by level, in any store that can list a folder's names. */
public final class GlobWalk {

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

  private GlobWalk() {}

  /** Returns the URIs that match, in code point order. */
  public static List<String> expand(String pattern, Folders folders, Blocked blocked)
      throws StorageException {
    GlobPattern parsed = GlobPattern.parse(pattern);
    List<String> matches = List.of(parsed.fixedPart());
    for (int level = 0; level < parsed.depth(); level++) {
      List<String> below = new ArrayList<>();
      for (String folder : matches) {
        try {
          addMatches(parsed, level, folder, folders, below);
        } catch (StorageException e) {
          if (level == 0) {
            throw e;
          }
          blocked.at(e);
        }
        if (below.size() > MAX_MATCHES) {
          throw new StorageException(
              StorageException.Kind.LIMIT_EXCEEDED,
              pattern,
              String.format(
                  Locale.ROOT,
                  "The pattern %s matches more than %d names. Use several narrower ones.",
                  Printable.of(pattern),
                  MAX_MATCHES));
        }
      }
      matches = below;
    }
    if (parsed.depth() == 0 && !folders.exists(parsed.fixedPart(), parsed.foldersOnly())) {
      return List.of();
    }
    return matches.stream().sorted(CodePointOrder.comparator()).toList();
  }

  private static void addMatches(
      GlobPattern pattern, int level, String folder, Folders folders, List<String> below)
      throws StorageException {
    boolean foldersOnly = pattern.foldersOnly() && level == pattern.depth() - 1;
    String literal = pattern.literal(level);
    if (literal.isEmpty()) {
      for (String name : folders.names(folder, name -> pattern.matches(level, name), foldersOnly)) {
        below.add(Storages.child(folder, name));
      }
    } else {
      String child = Storages.child(folder, literal);
      if (folders.exists(child, foldersOnly)) {
        below.add(child);
      }
    }
  }
}
