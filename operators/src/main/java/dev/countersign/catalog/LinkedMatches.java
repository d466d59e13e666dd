package dev.countersign.catalog;

import dev.countersign.storage.GlobPattern;
import dev.countersign.storage.Storages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Models of a run, among which the matches of globs that are links to others are found: {@code
 * latest}, a link to {@code step-2000}, is not a model of its own if the run names {@code
 * step-2000} too. An argument without glob characters is never taken for a link. Not thread safe.
 */
final class LinkedMatches {

  /**
   * Model that was named.
   *
   * @param place where it truly is; empty if an argument without glob characters names it
   * @param isLink whether a glob matched it at another place than it truly is
   * @param isMatch whether a glob that matched it matches its true place too
   */
  private record Named(NamedModel model, String place, boolean isLink, boolean isMatch) {
    String uri() {
      return model.model();
    }
  }

  private final Places places = new Places();
  private final List<Named> all = new ArrayList<>();
  private boolean hasLinks;

  /** Adds what an argument names as it is. */
  void addLiteral(String uri) {
    all.add(new Named(new NamedModel(uri, Storages.baseName(uri)), "", false, false));
  }

  /** Adds what a glob matches. */
  void addMatches(GlobPattern glob, List<String> matches) throws CatalogException {
    String fixedPart = Storages.child(glob.fixedPart(), "");
    String folder = Storages.child(places.folder(glob.fixedPart()), "");
    for (String match : matches) {
      String name = match.substring(fixedPart.length());
      String place = places.real(match);
      boolean isLink = !place.equals(folder + name);
      hasLinks |= isLink;
      all.add(
          new Named(
              new NamedModel(match, name, "", glob.fixedPart()),
              place.equals(match) ? match : place,
              isLink,
              isLink
                  && place.startsWith(folder)
                  && glob.matchesBelow(place.substring(folder.length()))));
    }
  }

  /**
   * Returns all models in the order in which they were added. Of several links to one place that no
   * other model has, the first is a model.
   *
   * @param leaveOutEarly whether to leave out a link to what a glob matches but did not find yet,
   *     since it appeared later than the link
   */
  List<NamedModel> models(boolean leaveOutEarly) throws CatalogException {
    if (!hasLinks) {
      return all.stream().map(Named::model).toList();
    }
    Map<String, Named> byPlace = new HashMap<>();
    for (Named named : all) {
      if (!named.isLink()) {
        byPlace.putIfAbsent(
            named.place().isEmpty() ? places.real(named.uri()) : named.place(), named);
      }
    }
    List<NamedModel> models = new ArrayList<>(all.size());
    for (Named named : all) {
      NamedModel model = named.model();
      Named target = named.isLink() ? byPlace.get(named.place()) : null;
      if (target != null && !isSame(target, named)) {
        models.add(new NamedModel(model.model(), model.name(), target.uri(), model.globRoot()));
      } else if (target != null || !named.isMatch() || !leaveOutEarly) {
        byPlace.putIfAbsent(named.place(), named);
        models.add(model);
      }
    }
    return models;
  }

  /** Tells whether an argument names the link itself, so that it is named twice. */
  private boolean isSame(Named target, Named link) throws CatalogException {
    return target.place().isEmpty() && places.named(target.uri()).equals(places.named(link.uri()));
  }
}
