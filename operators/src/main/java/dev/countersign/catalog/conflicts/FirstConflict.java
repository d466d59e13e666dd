package dev.countersign.catalog.conflicts;

import dev.countersign.catalog.CatalogException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the one conflict that is worth telling first: two entries of one model or bundle, by the
 * entry that is too much; then what lies in what, in the order of places.
 */
final class FirstConflict implements PlaceConflicts.Found {

  private long firstTurn = Long.MAX_VALUE;
  private @Nullable String twice;
  private @Nullable String inside;

  @Override
  public void twice(long turn, Place earlier, Place place, String fault) {
    if (turn < firstTurn) {
      firstTurn = turn;
      twice = fault;
    }
  }

  @Override
  public void inside(Place model, Place place, String fault) {
    inside = fault;
  }

  @Override
  public boolean seeksInside() {
    return inside == null;
  }

  /** Throws if there was a conflict. */
  void requireNone() throws CatalogException {
    String fault = twice == null ? inside : twice;
    if (fault != null) {
      throw new CatalogException(fault);
    }
  }
}
