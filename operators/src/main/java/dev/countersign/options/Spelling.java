package dev.countersign.options;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what a user may have meant. */
public final class Spelling {

  private Spelling() {}

  /**
   * Returns the candidate that is fewest edits away from {@code word} (insertions, deletions,
   * replacements), if that is at most a third of the word, or that begins with it; empty if none.
   */
  public static Optional<String> nearest(String word, Collection<String> candidates) {
    Comparator<String> byDistance = Comparator.comparingInt(candidate -> edits(word, candidate));
    Optional<String> nearest =
        candidates.stream()
            .min(byDistance)
            .filter(candidate -> edits(word, candidate) <= Math.max(1, word.length() / 3));
    if (nearest.isPresent() || word.length() < 3) {
      return nearest;
    }
    return candidates.stream().filter(candidate -> candidate.startsWith(word)).min(byDistance);
  }

  /** Levenshtein's distance, row by row. */
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
