package dev.countersign.options;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what a user may have meant. */
public final class Spelling {

  /** Longer than any word of ours, so nothing is near; in characters. */
  private static final int MAX_LENGTH = 100;

  private Spelling() {}

  /**
   * Returns the candidate that is fewest edits away from {@code word} (insertions, deletions,
   * replacements, swaps), if that is at most a third of the word, or that begins with it; empty if
   * none.
   */
  public static Optional<String> nearest(String word, Collection<String> candidates) {
    if (word.length() > MAX_LENGTH) {
      return Optional.empty();
    }
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

  /** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
  private static int edits(String from, String to) {
    int[][] edits = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int replaced = edits[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        edits[i][j] = Math.min(replaced, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        if (swapped) {
          edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
      }
    }
    return edits[from.length()][to.length()];
  }
}
