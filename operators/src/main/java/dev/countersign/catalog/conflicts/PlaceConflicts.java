package dev.countersign.catalog.conflicts;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.Places;
import dev.countersign.catalog.conflicts.Place.Role;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what gets into each other's way among places that come in {@link Place#ORDER}. It keeps the
 * one conflict that is worth telling first: two entries of one model or bundle, by the entry that
 * is too much; then what lies in what, in the order of places. Or it keeps, for each entry, why it
 * is in the way: both of two, since nothing tells which of them is meant. Of several reasons the
 * first stays.
 *
 * <p>Where a bundle goes may depend on whether its model is a directory. The store is asked only
 * where a conflict hangs on it.
 */
final class PlaceConflicts {

  /** How many entries may be in the way, since their reasons are in memory. */
  private static final int MOST = 10_000;

  private final boolean each;
  private @Nullable Place name;
  private @Nullable Place bundle;

  /** The model that what follows may lie in. Models are apart, so there is only ever one. */
  private @Nullable Place model;

  /**
   * Orders conflicts of two entries: by the entry that is too much, and of one entry, that its
   * model is named twice comes before what its bundle does.
   */
  private long firstTurn = Long.MAX_VALUE;

  private @Nullable String twice;
  private @Nullable String inside;

  private final Map<Long, String> faults = new HashMap<>();
  private boolean tooMany;

  /**
   * A search.
   *
   * @param each whether to keep what is wrong with each entry, for {@link #faults}, rather than the
   *     first conflict, for {@link #requireNone}
   */
  PlaceConflicts(boolean each) {
    this.each = each;
  }

  /** Takes the next place. */
  void visit(Place place) {
    if (place.role().isName()) {
      if (name != null && name.uri().equals(place.uri())) {
        addTwice(2 * place.owner(), name, place, namedTwice(name, place));
      } else {
        name = place;
      }
    }
    if (place.role().isBundle()) {
      visitBundle(place);
    }
    if (inside != null && !each) {
      return;
    }
    if (model != null && Places.holds(model.uri(), place.uri())) {
      String fault = fault(model, place);
      if (fault != null) {
        inside = fault;
        put(model, fault);
        put(place, fault);
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
      addTwice(2 * place.owner() + 1, earlier, place, sharedBundle(earlier, place));
    }
  }

  private void addTwice(long turn, Place earlier, Place place, String fault) {
    if (turn < firstTurn) {
      firstTurn = turn;
      twice = fault;
    }
    put(earlier, fault);
    put(place, fault);
  }

  /** An output has no entry. */
  private void put(Place place, String fault) {
    if (!each || place.owner() < 0) {
      return;
    }
    if (faults.size() >= MOST && !faults.containsKey(place.owner())) {
      tooMany = true;
    } else {
      faults.putIfAbsent(place.owner(), fault);
    }
  }

  /** Throws if there was a conflict. */
  void requireNone() throws CatalogException {
    String fault = twice == null ? inside : twice;
    if (fault != null) {
      throw new CatalogException(fault);
    }
  }

  /**
   * Returns why entries are not to be worked on, by their ids.
   *
   * @throws CatalogException if they are too many to be told
   */
  Map<Long, String> faults() throws CatalogException {
    if (tooMany) {
      throw new CatalogException(
          Message.of("More than %d models or bundles get into each other's way.", MOST),
          Remedy.of("Name fewer models, or their bundles with %s.", Setting.SIGNATURE));
    }
    return Map.copyOf(faults);
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
      return Message.of(
          "The model %s is named twice, also as %s. Name it once.",
          earlier.modelNamed(), place.modelNamed());
    }
    return Message.of(
        "The model %s is named twice%s. Name it once.",
        Printable.of(earlier.model()), same ? "" : ", also as " + Printable.of(place.model()));
  }

  private static String sharedBundle(Place earlier, Place place) {
    return Message.of(
        "The models %s and %s would share one bundle, %s. Give each its own with %s, as in"
            + " '{model}.sig'.",
        earlier.modelNamed(), place.modelNamed(), Printable.of(place.shown()), Setting.SIGNATURE);
  }

  /** Returns why a place may not lie in a model, or be it; null if it may. */
  private static @Nullable String fault(Place model, Place place) {
    String in = model.modelNamed();
    boolean itself = place.uri().equals(model.uri());
    if (place.role().isModel()) {
      // Two names of one directory, such as a link and its target, are two models all the same.
      return itself
          ? null
          : Message.of(
              "The model %s lies inside the model %s. Name only one of them, or the parts of the"
                  + " outer one.",
              place.modelNamed(), in);
    }
    if (place.role() == Role.OUTPUT) {
      return Message.of(
          "The folder %s that this run writes lies inside the model %s. Name another folder.",
          place.named(), in);
    }
    if (!place.role().isBundle()
        || (place.owner() == model.owner() && !itself)
        || !isThere(place)) {
      return null;
    }
    return itself
        ? Message.of(
            "The bundle %s would replace the model %s. Name another place with %s.",
            place.named(), in, Setting.SIGNATURE)
        : Message.of(
            "The bundle %s of one model would lie inside the model %s. Name another place with %s.",
            place.named(), in, Setting.SIGNATURE);
  }
}
