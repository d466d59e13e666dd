package dev.countersign.storage;

import dev.countersign.text.Printable;
import java.util.List;
import java.util.Locale;

/**
 * A pattern of single names, in the language of one segment of a {@link GlobPattern}. Matching
 * takes at most the product of both lengths.
 */
public final class NamePattern {

  private final String text;
  private final List<SegmentPattern> alternatives;

  private NamePattern(String text, List<SegmentPattern> alternatives) {
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
      throw new StorageException(
          StorageException.Kind.UNSUPPORTED,
          pattern,
          String.format(
              Locale.ROOT,
              "The pattern %s is no single name. Write it without /, as in *.safetensors.",
              Printable.of(pattern)));
    }
    return new NamePattern(pattern, SegmentPattern.parse(pattern, pattern));
  }

  /** Tells whether a name matches; one that begins with a dot only if the pattern does too. */
  public boolean matches(String name) {
    int[] codePoints = name.codePoints().toArray();
    return alternatives.stream().anyMatch(alternative -> alternative.matches(codePoints));
  }

  /** Returns the pattern as it was written. */
  @Override
  public String toString() {
    return text;
  }
}
