package dev.countersign.catalog.conflicts;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.Places;
import dev.countersign.catalog.conflicts.Place.Role;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Refuses runs whose models, bundles and outputs would get into each other's way.
 *
 * <p>Places are compared with the links above them resolved, so that no other spelling of a place
 * hides it. Sorting brings what lies in a model right behind it: n entries take n log n steps, and
 * memory that does not grow with them ({@link PlaceSort}). Not thread safe.
 */
public final class EntryChecks implements Closeable {

  /** Owner of what belongs to no entry. */
  private static final long NOBODY = -1;

  /** About how many bytes of memory places may take. */
  private static final long BUDGET = 16L << 20;

  private final Places places = new Places();
  private final PlaceSort sort;

  /** A check of the entries that will be added. */
  public EntryChecks() {
    this(BUDGET);
  }

  EntryChecks(long budget) {
    sort = new PlaceSort(budget);
  }

  /**
   * Checks a run.
   *
   * @param outputs URIs of folders that the run itself writes: results, state
   * @throws CatalogException if a model is named twice or lies in another one, if two models share
   *     a bundle, or if a bundle or an output lies in a model that it does not belong to; both are
   *     named
   */
  public static void check(List<CatalogEntry> entries, List<String> outputs)
      throws CatalogException {
    conflicts(entries, outputs, false).requireNone();
  }

  /**
   * As {@link #check}, but for each entry.
   *
   * @return why entries are not to be worked on, by their ids
   * @throws CatalogException if too many are not
   */
  public static Map<Long, String> faults(List<CatalogEntry> entries, List<String> outputs)
      throws CatalogException {
    return conflicts(entries, outputs, true).faults();
  }

  private static PlaceConflicts conflicts(
      List<CatalogEntry> entries, List<String> outputs, boolean each) throws CatalogException {
    try (EntryChecks checks = new EntryChecks()) {
      for (CatalogEntry entry : entries) {
        checks.add(entry);
      }
      return checks.conflicts(outputs, each);
    } catch (IOException e) {
      throw noTemporarySpace(e);
    }
  }

  /** Adds an entry; one without a model to work on is passed over. */
  public void add(CatalogEntry entry) throws CatalogException {
    if (!entry.isGood()) {
      return;
    }
    String named = places.named(entry.model());
    String real = places.real(entry.model());
    if (named.equals(real)) {
      add(entry, Role.NAMED_MODEL, real, entry.model());
    } else {
      add(entry, Role.NAME, named, entry.model());
      add(entry, Role.MODEL, real, entry.model());
    }
    if (entry.bundleByKind()) {
      String name = Storages.baseName(entry.bundle());
      add(entry, Role.BUNDLE_OF_DIRECTORY, Storages.child(real, name), entry.bundle());
      add(entry, Role.BUNDLE_OF_FILE, named + ".sig", entry.model() + ".sig");
    } else if (!entry.bundle().isEmpty()) {
      add(entry, Role.BUNDLE, places.named(entry.bundle()), entry.bundle());
    }
  }

  /**
   * Checks what was added.
   *
   * @param outputs URIs of folders that the run itself writes
   * @throws CatalogException as under {@link #check}
   */
  public void finish(List<String> outputs) throws CatalogException {
    conflicts(outputs, false).requireNone();
  }

  /** As {@link #finish}, but for each entry; see {@link #faults(List, List)}. */
  public Map<Long, String> faults(List<String> outputs) throws CatalogException {
    return conflicts(outputs, true).faults();
  }

  private PlaceConflicts conflicts(List<String> outputs, boolean each) throws CatalogException {
    PlaceConflicts conflicts = new PlaceConflicts(each);
    try {
      for (String output : outputs) {
        sort.add(new Place(places.real(output), Role.OUTPUT, NOBODY, 0, "", output));
      }
      sort.visit(conflicts::visit);
      return conflicts;
    } catch (IOException e) {
      throw noTemporarySpace(e);
    }
  }

  /** Deletes what had to be written. */
  @Override
  public void close() throws IOException {
    sort.close();
  }

  /** Tells whether the entries did not fit into memory. */
  boolean hasSpilled() {
    return sort.hasSpilled();
  }

  private void add(CatalogEntry entry, Role role, String uri, String shown)
      throws CatalogException {
    try {
      sort.add(new Place(uri, role, entry.id(), entry.line(), entry.model(), shown));
    } catch (IOException e) {
      throw noTemporarySpace(e);
    }
  }

  private static CatalogException noTemporarySpace(IOException e) {
    return new CatalogException(
        Message.of(
            "The models cannot be compared with each other: the temporary folder %s cannot be used"
                + " (%s). Name another with -Djava.io.tmpdir.",
            Printable.of(System.getProperty("java.io.tmpdir", "")),
            Printable.of(String.valueOf(e.getMessage()))),
        e);
  }

  /**
   * Finds conflicts among places that come in {@link Place#ORDER}. It keeps the conflict to report
   * first: two entries of one model or bundle, by the later entry; then a place within a model, in
   * the order of places. Or it keeps the reason for each entry in a conflict: for both of two,
   * since either may be the wrong one. The first of several reasons stays.
   *
   * <p>The place of a bundle may depend on whether its model is a directory. The store is asked
   * only where a conflict depends on that.
   */
  private static final class PlaceConflicts {

    /** Maximum number of entries in conflicts, since their reasons are in memory. */
    private static final int MOST = 10_000;

    private final boolean each;
    private @Nullable Place name;
    private @Nullable Place bundle;

    /** Model that may contain the next places. Models are disjoint, so there is only one. */
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
     * @param each whether to keep what is wrong with each entry, for {@link #faults}, rather than
     *     the first conflict, for {@link #requireNone}
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
                "The model %s is inside the model %s. Name only one of them, or the parts of the"
                    + " outer one.",
                place.modelNamed(), in);
      }
      if (place.role() == Role.OUTPUT) {
        return Message.of(
            "The folder %s that this run writes is inside the model %s. Name another folder.",
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
              "The bundle %s of one model would lie inside the model %s. Name another place with"
                  + " %s.",
              place.named(), in, Setting.SIGNATURE);
    }
  }
}
