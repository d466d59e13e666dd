package dev.countersign.sink;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * Place of a bundle, and the last check before it appears there.
 *
 * @param uri where the bundle goes
 * @param folder the folder that was there when the model was planned; null if none was noted, then
 *     the one that is there now is taken
 * @param check run when all but the bundle's name is written
 */
public record BundleTarget(String uri, @Nullable PinnedFolder folder, Check check) {

  /** Requires that the bundle may appear. */
  @FunctionalInterface
  public interface Check {
    /** Throws if it may not. */
    void run() throws StorageException, ModelFailure;
  }

  PinnedFolder pinned(ModelStorage storage) throws StorageException {
    return folder == null ? storage.pin(uri) : folder;
  }
}
