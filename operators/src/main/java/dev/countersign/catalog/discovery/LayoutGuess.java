package dev.countersign.catalog.discovery;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What a folder looks like, by a few names near its top, at the cost of some listings.
 *
 * @param signs the layouts that it shows signs of
 * @param whole whether nothing lies beside what shows them that a search by that layout would miss
 */
record LayoutGuess(Set<LayoutName> signs, boolean whole) {

  /** How many folders of one level are tried. */
  private static final int TRIED = 3;

  private static final Set<String> MLFLOW_STORES = Set.of("mlruns", "mlartifacts");
  private static final Pattern EXPERIMENT = Pattern.compile("[0-9]+");
  private static final Pattern VERSION_FOLDER = Pattern.compile("version-[0-9]+");

  /** What lies in the folder above a Hugging Face hub. */
  private static final Set<String> HUB_COMPANIONS =
      Set.of(
          "hub",
          "datasets",
          "modules",
          "accelerate",
          "assets",
          "evaluate",
          "metrics",
          "spaces",
          "xet");

  /** A repository, or the store of content that repositories share. */
  private static final Pattern HUB_ENTRY =
      Pattern.compile("(?:models|datasets|spaces)--.+|" + HuggingFaceLayout.BLOBS);

  /** What lies in kagglehub's folder. */
  private static final Set<String> KAGGLE_COMPANIONS =
      Set.of("models", "datasets", "competitions", "notebooks");

  /**
   * Looks at a folder.
   *
   * @throws StorageException if the folder itself cannot be listed
   */
  static LayoutGuess of(String root) throws StorageException {
    Folder top = Folder.open(root, "", 0, name -> true);
    Set<LayoutName> signs = EnumSet.noneOf(LayoutName.class);
    boolean whole = true;
    if (isHuggingFace(top)) {
      signs.add(LayoutName.HUGGINGFACE);
      whole =
          HuggingFaceLayout.isRepository(top.name())
              || all(top, HUB_COMPANIONS::contains)
              || all(top, name -> HUB_ENTRY.matcher(name).matches());
    }
    if (isMlflow(top)) {
      signs.add(LayoutName.MLFLOW);
      whole &=
          isMlflowStore(top)
              || all(top, name -> MLFLOW_STORES.contains(name) || name.equals("models"));
    }
    if (isKaggle(top)) {
      signs.add(LayoutName.KAGGLE);
      whole &= isBelowOwners(top) || all(top, KAGGLE_COMPANIONS::contains);
    }
    return new LayoutGuess(signs, whole);
  }

  /** Returns the layout to search by. */
  LayoutName layout() {
    return signs.size() == 1 && whole ? signs.iterator().next() : LayoutName.MARKERS;
  }

  private static boolean all(Folder folder, Predicate<String> known) {
    return folder.folders().stream().allMatch(known);
  }

  private static boolean isHuggingFace(Folder top) {
    return HuggingFaceLayout.isRepository(top.name())
        || top.folders().stream().anyMatch(HuggingFaceLayout::isRepository)
        || (top.folders().contains("hub")
            && child(top, "hub").folders().stream().anyMatch(HuggingFaceLayout::isRepository));
  }

  private static boolean isMlflow(Folder top) {
    return isMlflowStore(top)
        || top.folders().stream().anyMatch(MLFLOW_STORES::contains)
        || hasRegistry(top);
  }

  /** A store is known by its name, or by an experiment in it. */
  private static boolean isMlflowStore(Folder top) {
    return MLFLOW_STORES.contains(top.name())
        || tried(top).stream()
            .anyMatch(
                name ->
                    EXPERIMENT.matcher(name).matches()
                        && child(top, name).files().contains("meta.yaml"));
  }

  private static boolean hasRegistry(Folder top) {
    if (!top.folders().contains("models")) {
      return false;
    }
    Folder models = child(top, "models");
    return tried(models).stream()
        .flatMap(name -> child(models, name).folders().stream())
        .anyMatch(version -> VERSION_FOLDER.matcher(version).matches());
  }

  private static boolean isKaggle(Folder top) {
    String base = KaggleLayout.baseOf(top);
    if (base.length() < top.uri().length()) {
      return true; // It lies in a folder kagglehub/models.
    }
    Folder owners = base.equals(top.uri()) ? top : child(top, Storages.baseName(base));
    return hasComplete(owners, 0);
  }

  /** Tells whether the folder is the owners' one, or lies in that. */
  private static boolean isBelowOwners(Folder top) {
    return KaggleLayout.baseOf(top).length() <= top.uri().length();
  }

  /** Tells whether there is a complete version in a variation, four levels below the owners. */
  private static boolean hasComplete(Folder folder, int level) {
    if (level == 4) {
      return !KaggleLayout.complete(folder).isEmpty();
    }
    return tried(folder).stream().anyMatch(name -> hasComplete(child(folder, name), level + 1));
  }

  private static List<String> tried(Folder folder) {
    return folder.folders().stream().limit(TRIED).toList();
  }

  /** Opens a folder; one that cannot be opened shows no signs. The walk says what is wrong. */
  private static Folder child(Folder folder, String name) {
    String uri = Storages.child(folder.uri(), name);
    try {
      return Folder.open(uri, name, folder.depth() + 1, any -> true);
    } catch (StorageException e) {
      return Folder.closed(uri, name, folder.depth() + 1);
    }
  }
}
