package dev.countersign.catalog.conflicts;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.Places;
import dev.countersign.catalog.conflicts.Place.Role;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Printable;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds what gets into each other's way among places that come in {@link Place#ORDER}.
 *
 * <p>Where a bundle goes may depend on whether its model is a directory. The store is asked only
 * where a conflict hangs on it.
 */
final class PlaceConflicts {

  /** Gets what is found. */
  interface Found {

    /**
     * Two entries have one model or one bundle.
     *
     * @param turn orders such conflicts: by the entry that is too much, and of one entry, that its
     *     model is named twice comes before what its bundle does
     */
    void twice(long turn, Place earlier, Place place, String fault);

    /** A place lies in a model, or is it, and must not. */
    void inside(Place model, Place place, String fault);

    /** Tells whether to look for more of the second kind. */
    boolean seeksInside();
  }

  private final Found found;
  private @Nullable Place name;
  private @Nullable Place bundle;

  /** The model that what follows may lie in. Models are apart, so there is only ever one. */
  private @Nullable Place model;

  PlaceConflicts(Found found) {
    this.found = found;
  }

  /** Takes the next place. */
  void visit(Place place) {
    if (place.role().isName()) {
      if (name != null && name.uri().equals(place.uri())) {
        found.twice(2 * place.owner(), name, place, namedTwice(name, place));
      } else {
        name = place;
      }
    }
    if (place.role().isBundle()) {
      visitBundle(place);
    }
    if (!found.seeksInside()) {
      return;
    }
    if (model != null && Places.holds(model.uri(), place.uri())) {
      String fault = fault(model, place);
      if (fault != null) {
        found.inside(model, place, fault);
      }
    } else if (place.role().isModel()) {
      model = place;
    }
  }

  private void visitBundle(Place place) {
    Place earlier = bundle;
    if (earlier == null || !earlier.uri().equals(place.uri()) || !isThere(earlier)) {
      bundle = place;
    } else if (place.owner() != earlier.owner() && isThere(place)) {
      found.twice(2 * place.owner() + 1, earlier, place, sharedBundle(earlier, place));
    }
  }

  /** Tells whether a bundle goes where it may go. */
  private static boolean isThere(Place place) {
    if (place.role() == Role.BUNDLE) {
      return true;
    }
    CatalogEntry entry = CatalogEntry.builder(place.owner(), place.model()).build();
    return entry.isFile() == (place.role() == Role.BUNDLE_OF_FILE);
  }

  private static String namedTwice(Place earlier, Place place) {
    boolean same = earlier.model().equals(place.model());
    if (place.line() > 0) {
      return String.format(
          Locale.ROOT,
          "The model %s is named twice, also as %s. Name it once.",
          earlier.modelNamed(),
          place.modelNamed());
    }
    return String.format(
        Locale.ROOT,
        "The model %s is named twice%s. Name it once.",
        Printable.of(earlier.model()),
        same ? "" : ", also as " + Printable.of(place.model()));
  }

  private static String sharedBundle(Place earlier, Place place) {
    return String.format(
        Locale.ROOT,
        "The models %s and %s would share one bundle, %s. Give each its own with %s, as in"
            + " '{model}.sig'.",
        earlier.modelNamed(),
        place.modelNamed(),
        Printable.of(place.shown()),
        Setting.SIGNATURE);
  }

  /** Returns why a place may not lie in a model, or be it; null if it may. */
  private static @Nullable String fault(Place model, Place place) {
    String in = model.modelNamed();
    boolean itself = place.uri().equals(model.uri());
    if (place.role().isModel()) {
      // Two names of one directory, such as a link and its target, are two models all the same.
      return itself
          ? null
          : String.format(
              Locale.ROOT,
              "The model %s lies inside the model %s. Name only one of them, or the parts of the"
                  + " outer one.",
              place.modelNamed(),
              in);
    }
    if (place.role() == Role.OUTPUT) {
      return String.format(
          Locale.ROOT,
          "The folder %s that this run writes lies inside the model %s. Name another folder.",
          place.named(),
          in);
    }
    if (!place.role().isBundle() || (place.owner() == model.owner() && !itself)) {
      return null;
    }
    if (!isThere(place)) {
      return null;
    }
    return itself
        ? String.format(
            Locale.ROOT,
            "The bundle %s would replace the model %s. Name another place with %s.",
            place.named(),
            in,
            Setting.SIGNATURE)
        : String.format(
            Locale.ROOT,
            "The bundle %s of one model would lie inside the model %s. Name another place with"
                + " %s.",
            place.named(),
            in,
            Setting.SIGNATURE);
  }
}
