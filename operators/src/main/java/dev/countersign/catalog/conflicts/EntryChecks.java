package dev.countersign.catalog.conflicts;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.Places;
import dev.countersign.catalog.conflicts.Place.Role;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;

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
}
