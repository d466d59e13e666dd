package dev.countersign.catalog;

import dev.countersign.storage.ShownText;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Refuses runs whose models, bundles and outputs would get into each other's way.
 *
 * <p>Places are compared with the links above them resolved, so that no other spelling of a place
 * hides it. Sorting brings what lies in a model right behind it: n entries take n log n steps.
 */
public final class EntryChecks {

  /** Owner of what belongs to no entry. */
  private static final long NOBODY = -1;

  private EntryChecks() {}

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
    Places places = new Places();
    List<Place> all = new ArrayList<>();
    Map<String, CatalogEntry> models = new HashMap<>();
    Map<String, CatalogEntry> bundles = new HashMap<>();
    for (CatalogEntry entry : entries) {
      demandNew(models.putIfAbsent(places.named(entry.model()), entry), entry);
      all.add(new Place(places.real(entry.model()), entry.id(), Role.MODEL, entry.model()));
      if (!entry.bundle().isEmpty()) {
        String bundle = places.named(entry.bundle());
        demandOwnBundle(bundles.putIfAbsent(bundle, entry), entry);
        all.add(new Place(bundle, entry.id(), Role.BUNDLE, entry.bundle()));
      }
    }
    for (String output : outputs) {
      all.add(new Place(places.real(output), NOBODY, Role.OUTPUT, output));
    }
    demandApart(all);
  }

  /** What a place is for. */
  private enum Role {
    MODEL,
    BUNDLE,
    OUTPUT
  }

  /**
   * Something that lies somewhere.
   *
   * @param uri where it truly is
   * @param owner id of the entry it belongs to
   * @param shown what the user calls it
   */
  private record Place(String uri, long owner, Role role, String shown) {

    /** Orders by segments: with {@code /} first, what lies in a folder follows it at once. */
    String order() {
      return uri.replace('/', '\0');
    }

    boolean holds(Place other) {
      return other.uri.equals(uri) || other.uri.startsWith(Storages.child(uri, ""));
    }
  }

  private static void demandNew(@Nullable CatalogEntry earlier, CatalogEntry entry)
      throws CatalogException {
    if (earlier != null) {
      throw new CatalogException(
          String.format(
              Locale.ROOT,
              "The model %s is named twice%s. Name it once.",
              ShownText.of(earlier.model()),
              earlier.model().equals(entry.model())
                  ? ""
                  : ", also as " + ShownText.of(entry.model())));
    }
  }

  private static void demandOwnBundle(@Nullable CatalogEntry earlier, CatalogEntry entry)
      throws CatalogException {
    if (earlier != null) {
      throw new CatalogException(
          String.format(
              Locale.ROOT,
              "The models %s and %s would share one bundle, %s. Give each its own with --signature, as in '{model}.sig'.",
              ShownText.of(earlier.model()),
              ShownText.of(entry.model()),
              ShownText.of(entry.bundle())));
    }
  }

  private static void demandApart(List<Place> all) throws CatalogException {
    record Keyed(String order, Place place) {}
    List<Keyed> sorted =
        all.stream()
            .map(place -> new Keyed(place.order(), place))
            .sorted(Comparator.comparing(Keyed::order).thenComparing(keyed -> keyed.place().role()))
            .toList();
    // The model that what follows may lie in. Models are apart, so there is only ever one.
    Place model = null;
    for (Keyed keyed : sorted) {
      Place place = keyed.place();
      if (model != null && model.holds(place)) {
        demandMayLieIn(model, place);
      } else if (place.role() == Role.MODEL) {
        model = place;
      }
    }
  }

  private static void demandMayLieIn(Place model, Place place) throws CatalogException {
    String in = ShownText.of(model.shown());
    String shown = ShownText.of(place.shown());
    switch (place.role()) {
      case MODEL -> {
        // Two names of one directory, such as a link and its target, are two models all the same.
        if (!place.uri().equals(model.uri())) {
          throw new CatalogException(
              String.format(
                  Locale.ROOT,
                  "The model %s lies inside the model %s. Name only one of them, or the parts of the outer one.",
                  shown,
                  in));
        }
      }
      case BUNDLE -> {
        if (place.uri().equals(model.uri())) {
          throw new CatalogException(
              String.format(
                  Locale.ROOT,
                  "The bundle %s would replace the model %s. Name another place with --signature.",
                  shown,
                  in));
        }
        if (place.owner() != model.owner()) {
          throw new CatalogException(
              String.format(
                  Locale.ROOT,
                  "The bundle %s of one model would lie inside the model %s. Name another place with --signature.",
                  shown,
                  in));
        }
      }
      case OUTPUT ->
          throw new CatalogException(
              String.format(
                  Locale.ROOT,
                  "The folder %s that this run writes lies inside the model %s. Name another folder.",
                  shown,
                  in));
    }
  }

  /** Resolves links, asking each folder once. */
  private static final class Places {
    private final Map<String, String> resolved = new HashMap<>();

    /** Returns where a name lies: links above it are resolved, one in its own place is not. */
    String named(String uri) throws CatalogException {
      String name = Storages.baseName(uri);
      String parent = Storages.parent(uri);
      String real = resolved.get(parent);
      if (real == null) {
        real = real(parent);
        resolved.put(parent, real);
      }
      return parent.equals(uri) ? real : Storages.child(real, name);
    }

    /** Returns where a name leads. */
    String real(String uri) throws CatalogException {
      try {
        return Storages.resolveLinks(uri);
      } catch (StorageException e) {
        throw new CatalogException(e.getMessage(), e);
      }
    }
  }
}
