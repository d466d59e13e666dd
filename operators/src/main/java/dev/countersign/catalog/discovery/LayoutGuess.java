package dev.countersign.catalog.discovery;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Recognizes the layout of a folder by a few names near its top, at the cost of some listings. */
final class LayoutGuess {

  /** How many folders of one level are tried. */
  private static final int TRIED = 3;

  private static final Set<String> MLFLOW_STORES = Set.of("mlruns", "mlartifacts");
  private static final Pattern VERSION_FOLDER = Pattern.compile("version-[0-9]+");

  private LayoutGuess() {}

  /**
   * Returns the layouts that a folder shows signs of; none if it shows none.
   *
   * @throws StorageException if the folder itself cannot be listed
   */
  static Set<LayoutName> of(String root) throws StorageException {
    Folder top = Folder.open(root, "", 0, name -> true);
    Set<LayoutName> signs = EnumSet.noneOf(LayoutName.class);
    if (isHuggingFace(top)) {
      signs.add(LayoutName.HUGGINGFACE);
    }
    if (isMlflow(top)) {
      signs.add(LayoutName.MLFLOW);
    }
    if (isKaggle(top)) {
      signs.add(LayoutName.KAGGLE);
    }
    return signs;
  }

  private static boolean isHuggingFace(Folder top) {
    return HuggingFaceLayout.isRepository(top.name())
        || top.folders().stream().anyMatch(HuggingFaceLayout::isRepository)
        || (top.folders().contains("hub")
            && child(top, "hub").folders().stream().anyMatch(HuggingFaceLayout::isRepository));
  }

  /** A store by its name, an experiment by its meta.yaml, or a registry by its versions. */
  private static boolean isMlflow(Folder top) {
    if (MLFLOW_STORES.contains(top.name())
        || top.folders().stream().anyMatch(MLFLOW_STORES::contains)) {
      return true;
    }
    if (top.folders().contains("models")) {
      Folder models = child(top, "models");
      if (tried(models).stream()
          .anyMatch(
              name ->
                  child(models, name).folders().stream()
                      .anyMatch(version -> VERSION_FOLDER.matcher(version).matches()))) {
        return true;
      }
    }
    return tried(top).stream().anyMatch(name -> child(top, name).files().contains("meta.yaml"));
  }

  private static boolean isKaggle(Folder top) {
    String base = KaggleLayout.baseOf(top);
    if (base.length() < top.uri().length()) {
      return true; // It lies in a folder kagglehub/models.
    }
    Folder owners = base.equals(top.uri()) ? top : child(top, Storages.baseName(base));
    return hasComplete(owners, 0);
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
