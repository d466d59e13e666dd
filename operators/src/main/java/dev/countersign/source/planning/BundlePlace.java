package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredObject;
import java.util.Map;
import java.util.Optional;

/**
 * Place of a model's bundle, and what is stored there.
 *
 * @param entry whose bundle's place does not depend on the model any more
 * @param found by URI
 */
record BundlePlace(CatalogEntry entry, Map<String, StoredObject> found) {

  /** Looks at a bundle's place and perhaps beside it. */
  @FunctionalInterface
  interface Look {
    Map<String, StoredObject> at(CatalogEntry entry) throws StorageException;
  }

  /**
   * Finds the place. A bundle that is in the model's folder by default shows by being there that
   * the model is a folder; only where none is, the store is asked.
   */
  static BundlePlace find(CatalogEntry entry, Look look) throws StorageException {
    CatalogEntry ofFolder = entry.settled(false);
    if (!entry.bundleByKind()) {
      return new BundlePlace(ofFolder, look.at(ofFolder));
    }
    Optional<Map<String, StoredObject>> inFolder = inFolder(ofFolder, look);
    if (inFolder.isPresent() && inFolder.get().containsKey(ofFolder.bundle())) {
      return new BundlePlace(ofFolder, inFolder.get());
    }
    CatalogEntry settled = entry.settled();
    boolean isLookedAt = inFolder.isPresent() && settled.bundle().equals(ofFolder.bundle());
    return new BundlePlace(settled, isLookedAt ? inFolder.get() : look.at(settled));
  }

  /** Empty if nobody can look into the model, such as a file. */
  private static Optional<Map<String, StoredObject>> inFolder(CatalogEntry entry, Look look) {
    try {
      return Optional.of(look.at(entry));
    } catch (StorageException e) {
      return Optional.empty();
    }
  }

  /** Returns the bundle if there is one. */
  Optional<StoredObject> bundle() {
    return Optional.ofNullable(found.get(entry.bundle()));
  }
}
