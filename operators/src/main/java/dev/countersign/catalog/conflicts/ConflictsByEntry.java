package dev.countersign.catalog.conflicts;

import dev.countersign.catalog.CatalogException;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Keeps, for each entry that gets into another's way or into the run's own, why: both of two, since
 * nothing tells which of them is meant. Of several reasons the first stays.
 */
final class ConflictsByEntry implements PlaceConflicts.Found {

  /** How many entries may be in the way, since their reasons are in memory. */
  static final int MOST = 10_000;

  private final Map<Long, String> faults = new HashMap<>();
  private boolean tooMany;

  @Override
  public void twice(long turn, Place earlier, Place place, String fault) {
    put(earlier, fault);
    put(place, fault);
  }

  @Override
  public void inside(Place model, Place place, String fault) {
    put(model, fault);
    put(place, fault);
  }

  /** An output has no entry. */
  private void put(Place place, String fault) {
    if (place.owner() < 0) {
      return;
    }
    if (faults.size() >= MOST && !faults.containsKey(place.owner())) {
      tooMany = true;
    } else {
      faults.putIfAbsent(place.owner(), fault);
    }
  }

  @Override
  public boolean seeksInside() {
    return true;
  }

  /**
   * Returns why entries are not to be worked on, by their ids.
   *
   * @throws CatalogException if they are too many to be told
   */
  Map<Long, String> faults() throws CatalogException {
    if (tooMany) {
      throw new CatalogException(
          String.format(
              Locale.ROOT, "More than %d models or bundles get into each other's way.", MOST),
          Remedy.of("Name fewer models, or their bundles with %s.", Setting.SIGNATURE));
    }
    return Map.copyOf(faults);
  }
}
