package dev.countersign.oms;

import dev.countersign.text.CodePointOrder;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What does not count as part of a model: exact paths from its root, each with all below it.
 *
 * <p>There are no patterns. Immutable.
 */
public final class IgnoreRules implements Serializable {

  private static final long serialVersionUID = 1L;

  /** What Git keeps in a working copy; ignored at the root only. */
  private static final List<String> GIT_PATHS =
      List.of(".git", ".gitattributes", ".github", ".gitignore");

  private final List<String> recorded;
  private final Set<String> paths;

  private IgnoreRules(Collection<String> paths) {
    Set<String> sorted = new TreeSet<>(CodePointOrder.comparator());
    sorted.addAll(paths);
    this.recorded = List.copyOf(sorted);
    this.paths = Set.copyOf(sorted);
  }

  /**
   * Returns the rules for a model that is to be signed.
   *
   * <p>An absolute path or URI counts if it lies in the model. A relative one is taken from the
   * working directory if that leads into the model, and from the model's root otherwise. {@code ..}
   * is resolved by the text alone.
   *
   * @param modelUri the model: an absolute local path or {@code scheme://authority/path}
   * @param ignorePaths what the user wants ignored
   * @param workingDirectory where relative paths start, in the form of a model URI
   * @param ignoreGitPaths whether what Git keeps at the root is ignored
   * @param bundleUri where the bundle will lie; never part of the model
   * @throws OmsException of kind {@code NAME} if a path is empty, leads out of the model's root, or
   *     is the whole model
   */
  public static IgnoreRules forSigning(
      String modelUri,
      List<String> ignorePaths,
      String workingDirectory,
      boolean ignoreGitPaths,
      Optional<String> bundleUri)
      throws OmsException {
    Collection<String> paths = new TreeSet<>();
    if (ignoreGitPaths) {
      paths.addAll(GIT_PATHS);
    }
    addGiven(paths, modelUri, ignorePaths, workingDirectory, bundleUri);
    return new IgnoreRules(paths);
  }

  /**
   * Returns the rules for a model that is to be verified: those that were signed, or what Git keeps
   * at the root if an older client recorded none, and the caller's own, which are understood as in
   * {@link #forSigning}. A signed path that is no path in the model has no effect.
   *
   * @param modelUri the model: an absolute local path or {@code scheme://authority/path}
   * @param signed the serialization in the statement
   * @param extraIgnorePaths what the user wants ignored beside
   * @param workingDirectory where relative paths start, in the form of a model URI
   * @param bundleUri where the bundle lies; never part of the model
   * @throws OmsException of kind {@code NAME} if a path of the user's is empty, leads out of the
   *     model's root, or is the whole model
   */
  public static IgnoreRules forVerification(
      String modelUri,
      Serialization signed,
      List<String> extraIgnorePaths,
      String workingDirectory,
      Optional<String> bundleUri)
      throws OmsException {
    Collection<String> paths = new TreeSet<>();
    if (signed.ignorePathsRecorded()) {
      for (String path : signed.ignorePaths()) {
        String inside = path.startsWith("/") ? null : StoreUri.normalizedRelative(path);
        if (inside != null && CanonicalName.isCanonical(inside)) {
          paths.add(inside);
        }
      }
    } else {
      paths.addAll(GIT_PATHS);
    }
    addGiven(paths, modelUri, extraIgnorePaths, workingDirectory, bundleUri);
    return new IgnoreRules(paths);
  }

  /**
   * Returns the rules that {@link #recorded} came from.
   *
   * @param recorded exact paths
   */
  public static IgnoreRules ofRecorded(Collection<String> recorded) {
    return new IgnoreRules(recorded);
  }

  /**
   * Returns whether the file or directory {@code name} is one of the ignored paths or lies below
   * one.
   *
   * @param name a canonical name
   */
  public boolean ignores(String name) {
    return ignoredBy(name).isPresent();
  }

  /**
   * Returns the ignored path that {@code name} is, or lies below.
   *
   * @param name a canonical name
   * @return empty if it is not ignored
   */
  public Optional<String> ignoredBy(String name) {
    if (paths.isEmpty()) {
      return Optional.empty();
    }
    for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      String above = name.substring(0, slash);
      if (paths.contains(above)) {
        return Optional.of(above);
      }
    }
    return Optional.of(name).filter(paths::contains);
  }

  /** Returns the ignored paths in code point order, as a statement records them. */
  public List<String> recorded() {
    return recorded;
  }

  private static void addGiven(
      Collection<String> paths,
      String modelUri,
      List<String> ignorePaths,
      String workingDirectory,
      Optional<String> bundleUri)
      throws OmsException {
    StoreUri model = StoreUri.parse(modelUri);
    StoreUri directory = StoreUri.parse(workingDirectory);
    for (String path : ignorePaths) {
      String inside = inside(path, model, directory);
      if (inside != null) {
        CanonicalName.check(inside);
        paths.add(inside);
      }
    }
    if (bundleUri.isPresent()) {
      String inside = model.relativize(StoreUri.parse(bundleUri.get())).orElse("");
      if (!inside.isEmpty()) {
        CanonicalName.check(inside);
        paths.add(inside);
      }
    }
  }

  /** Returns where {@code path} lies in the model, or null if it is absolute and elsewhere. */
  private static @Nullable String inside(String path, StoreUri model, StoreUri directory)
      throws OmsException {
    if (path.isEmpty()) {
      throw refused(path, "is empty");
    }
    boolean absolute = StoreUri.isAbsolute(path);
    StoreUri place = absolute ? StoreUri.parse(path) : directory.resolve(path);
    Optional<String> inside = model.relativize(place);
    if (inside.isEmpty() && absolute) {
      if (mayBeInside(place, model)) {
        throw refused(
            path,
            Message.of(
                "names %s host, unlike the model %s, so it may be in it or not",
                place.authority().isEmpty() ? "no" : "a", Printable.of(model.toString())));
      }
      return null;
    }
    String relative = inside.isPresent() ? inside.get() : StoreUri.normalizedRelative(path);
    if (relative == null) {
      throw refused(path, "leads out of the model");
    }
    if (relative.isEmpty()) {
      throw refused(path, "is the whole model");
    }
    return relative;
  }

  /** Tells whether it depends on the store that a scheme's default is. */
  private static boolean mayBeInside(StoreUri place, StoreUri model) {
    return place.scheme().equals(model.scheme())
        && place.authority().isEmpty() != model.authority().isEmpty()
        && model.relativize(model.withPath(place.path())).isPresent();
  }

  private static OmsException refused(String path, String fault) {
    return new OmsException(
        OmsException.Kind.NAME,
        "The path to ignore, \"%s\", %s. Give paths of files or directories in the model, from its"
            + " root.",
        Printable.of(path),
        fault);
  }
}
