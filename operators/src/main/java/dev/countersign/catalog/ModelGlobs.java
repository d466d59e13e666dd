package dev.countersign.catalog;

import dev.countersign.storage.GlobPattern;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoreCall;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Makes models of what a user names: paths, URIs, and patterns of them ({@link GlobPattern}). */
public final class ModelGlobs {

  private ModelGlobs() {}

  /**
   * Returns the models that the arguments name, in the arguments' order, a pattern's in code point
   * order. A pattern's match that is a link to another model of them says so.
   *
   * <p>An argument without glob characters is taken as it is, even if nothing lies there; one with
   * such characters too, if something lies there under this very name.
   *
   * @param workingDirectory what relative arguments are relative to, a URI
   * @throws CatalogException if a pattern is malformed or matches nothing, or if a store cannot be
   *     asked
   */
  public static List<NamedModel> expand(List<String> arguments, String workingDirectory)
      throws CatalogException {
    LinkedMatches models = new LinkedMatches();
    for (String argument : arguments) {
      String uri = absolute(argument, workingDirectory);
      try {
        if (isLiteral(argument, uri)) {
          models.addLiteral(Storages.absolute(uri, workingDirectory));
        } else {
          models.addMatches(GlobPattern.parse(uri), matches(argument, uri));
        }
      } catch (StorageException e) {
        throw new CatalogException(e.getMessage(), e);
      }
    }
    return models.models(false);
  }

  /**
   * Returns the URI that an argument means, as {@link Storages#exact}; a pattern's keeps the slash
   * at its end, which {@link GlobPattern} reads.
   *
   * @throws CatalogException if the argument names nothing, or if it cannot be told what
   */
  public static String absolute(String argument, String workingDirectory) throws CatalogException {
    if (argument.isBlank()) {
      throw new CatalogException("A model's name is empty. Give a path, a URI or a quoted glob.");
    }
    String uri = exact(argument, workingDirectory);
    return argument.endsWith("/") && GlobPattern.hasGlobCharacters(argument)
        ? Storages.child(uri, "")
        : uri;
  }

  private static String exact(String argument, String workingDirectory) throws CatalogException {
    try {
      return Storages.exact(argument, workingDirectory);
    } catch (StorageException e) {
      throw new CatalogException(e.getMessage(), e);
    }
  }

  /**
   * Returns the models that arguments name now, as {@link #expand}; a pattern that matches nothing
   * names none, and a folder below its fixed part that cannot be looked into is passed over.
   *
   * @param uris as {@link #absolute} returns them
   * @param passedOver gets what is wrong with such a folder
   * @throws CatalogException if a pattern is malformed, or if a store cannot be asked
   */
  public static List<NamedModel> present(List<String> uris, Consumer<String> passedOver)
      throws CatalogException {
    LinkedMatches models = new LinkedMatches();
    try {
      for (String uri : uris) {
        if (isLiteral(uri, uri)) {
          models.addLiteral(Storages.absolute(uri, uri));
        } else {
          List<String> matches =
              Storages.forUri(uri).glob(uri, fault -> passOver(fault, passedOver));
          models.addMatches(GlobPattern.parse(uri), matches);
        }
      }
    } catch (StorageException e) {
      throw new CatalogException(e.getMessage(), e);
    }
    return models.models(true);
  }

  /** What may pass is no reason to pass over anything. */
  private static void passOver(StorageException fault, Consumer<String> passedOver)
      throws StorageException {
    if (fault.transientFault()) {
      throw fault;
    }
    passedOver.accept(String.valueOf(fault.getMessage()));
  }

  private static boolean isLiteral(String argument, String uri) throws StorageException {
    return !GlobPattern.hasGlobCharacters(argument)
        || StoreCall.patiently(() -> Storages.forUri(uri).stat(uri)).isPresent();
  }

  private static List<String> matches(String argument, String uri)
      throws StorageException, CatalogException {
    List<String> matches = Storages.forUri(uri).glob(uri);
    if (matches.isEmpty()) {
      throw CatalogException.of(
          "The glob %s matches nothing. Check the path. %s",
          Printable.of(argument),
          uri.endsWith("/")
              ? "A glob with a slash at its end matches folders only."
              : "* and ? do not match a dot at the beginning of a name.");
    }
    return matches;
  }

  /**
   * Models of a run, among which the matches of globs that are links to others are found: {@code
   * latest}, a link to {@code step-2000}, is not a model of its own if the run names {@code
   * step-2000} too. An argument without glob characters is never taken for a link. Not thread safe.
   */
  static final class LinkedMatches {

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
     * Returns all models in the order in which they were added. Of several links to one place that
     * no other model has, the first is a model.
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
      return target.place().isEmpty()
          && places.named(target.uri()).equals(places.named(link.uri()));
    }
  }
}
