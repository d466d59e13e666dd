package dev.countersign.catalog;

import dev.countersign.storage.GlobPattern;
import dev.countersign.storage.ShownText;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Makes models of what a user names: paths, URIs, and patterns of them ({@link GlobPattern}). */
public final class ModelGlobs {

  private ModelGlobs() {}

  /**
   * Returns the models that the arguments name, in the arguments' order, a pattern's in code point
   * order.
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
    List<NamedModel> models = new ArrayList<>();
    for (String argument : arguments) {
      demandName(argument);
      String uri = Storages.absolute(argument, workingDirectory);
      try {
        if (isLiteral(argument, uri)) {
          models.add(new NamedModel(uri, Storages.baseName(uri)));
        } else {
          addMatches(argument, uri, models);
        }
      } catch (StorageException e) {
        throw new CatalogException(e.getMessage(), e);
      }
    }
    return List.copyOf(models);
  }

  /** Refuses an argument that names nothing. */
  static void demandName(String argument) throws CatalogException {
    if (argument.isBlank()) {
      throw new CatalogException("A model's name is empty. Give a path, a URI or a quoted glob.");
    }
  }

  /**
   * Returns the models that arguments name now, as {@link #expand}; a pattern that matches nothing
   * names none, and a folder below its fixed part that cannot be looked into is passed over.
   *
   * @param uris absolute
   * @param passedOver gets what is wrong with such a folder
   * @throws CatalogException if a pattern is malformed, or if a store cannot be asked
   */
  static List<NamedModel> present(List<String> uris, Consumer<String> passedOver)
      throws CatalogException {
    List<NamedModel> models = new ArrayList<>();
    try {
      for (String uri : uris) {
        if (isLiteral(uri, uri)) {
          models.add(new NamedModel(uri, Storages.baseName(uri)));
        } else {
          List<String> matches =
              Storages.forUri(uri).glob(uri, fault -> passOver(fault, passedOver));
          addNamed(matches, uri, models);
        }
      }
    } catch (StorageException e) {
      throw new CatalogException(e.getMessage(), e);
    }
    return models;
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
    return !GlobPattern.hasGlobCharacters(argument) || Storages.forUri(uri).stat(uri).isPresent();
  }

  private static void addMatches(String argument, String uri, List<NamedModel> models)
      throws StorageException, CatalogException {
    List<String> matches = Storages.forUri(uri).glob(uri);
    if (matches.isEmpty()) {
      throw new CatalogException(
          String.format(
              Locale.ROOT,
              "The glob %s matches nothing. Check its spelling; names that begin with a dot need a pattern that does.",
              ShownText.of(argument)));
    }
    addNamed(matches, uri, models);
  }

  private static void addNamed(List<String> matches, String uri, List<NamedModel> models)
      throws StorageException {
    String fixedPart = Storages.child(GlobPattern.parse(uri).fixedPart(), "");
    for (String match : matches) {
      models.add(new NamedModel(match, match.substring(fixedPart.length())));
    }
  }
}
