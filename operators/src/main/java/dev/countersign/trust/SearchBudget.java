package dev.countersign.trust;

import java.io.Serial;

/**
 * How much of a search is left. One budget serves one search, on one thread; copies of what holds
 * it, such as the JDK's builder makes, share it.
 */
final class SearchBudget {

  private int left;

  /**
   * Makes a budget.
   *
   * @param steps how often {@link #spend} may be called
   */
  SearchBudget(int steps) {
    this.left = steps;
  }

  /** Takes one step. */
  void spend() {
    if (left == 0) {
      throw new SpentException();
    }
    left--;
  }

  /** The search is not worth going on with. Unchecked, since it must break out of the JDK's. */
  static final class SpentException extends RuntimeException {

    @Serial private static final long serialVersionUID = 1L;

    private SpentException() {
      super("The search took too many steps");
    }
  }
}
