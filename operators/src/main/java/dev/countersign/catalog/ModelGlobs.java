package dev.countersign.catalog;

import dev.countersign.storage.GlobPattern;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Printable;
import java.util.List;
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
   * Returns the URI that an argument means, as {@link Storages#absolute}; a pattern's keeps the
   * slash at its end, which {@link GlobPattern} reads.
   *
   * @throws CatalogException if the argument names nothing
   */
  public static String absolute(String argument, String workingDirectory) throws CatalogException {
    if (argument.isBlank()) {
      throw new CatalogException("A model's name is empty. Give a path, a URI or a quoted glob.");
    }
    String uri = Storages.absolute(argument, workingDirectory);
    return argument.endsWith("/") && GlobPattern.hasGlobCharacters(argument)
        ? Storages.child(uri, "")
        : uri;
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
    return !GlobPattern.hasGlobCharacters(argument) || Storages.forUri(uri).stat(uri).isPresent();
  }

  private static List<String> matches(String argument, String uri)
      throws StorageException, CatalogException {
    List<String> matches = Storages.forUri(uri).glob(uri);
    if (matches.isEmpty()) {
      throw CatalogException.of(
          "The glob %s matches nothing. Check its spelling; names that begin with a dot need a"
              + " pattern that does%s.",
          Printable.of(argument),
          uri.endsWith("/") ? ", and one that ends in a slash matches folders only" : "");
    }
    return matches;
  }
}
