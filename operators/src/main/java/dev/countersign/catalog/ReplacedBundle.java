package dev.countersign.catalog;

import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.ReplacedNames;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import java.util.Optional;

/**
 * Copy of the bundle that a run which signs again has replaced, in the bundle's folder. It is there
 * before the new bundle is, and until a checkpoint has completed that was taken after the model
 * reached the signing stage. A run that falls back to an earlier time meanwhile finds it, and the
 * policy judges this copy, never the run's own new bundle. An empty copy means that there was no
 * bundle.
 *
 * <p>The run's id is in the name: a run that has not done anything yet finds no copy of its own,
 * and those of other runs decide nothing. Whether a run was restored is not asked, since one that
 * is lost before its first checkpoint begins again without any state.
 *
 * <p>Who can write in the folder can read the id from other copies and plant one. That is the same
 * as replacing the bundle itself, which such a person can do anyway: the policy judges what was
 * planted and the content is compared with it, and the bundle in place is replaced only if it is
 * that very bundle, or this signer's over the same statement. An empty copy is the same as a bundle
 * that was deleted, which needs the policy's and the caller's leave to be signed.
 *
 * @param uri where it is stored
 * @param folder the folder that it is deleted from, or one above it; unknown if none was noted
 */
public record ReplacedBundle(String uri, PinnedFolder folder) {

  /** The copy of what the run {@code runId} replaces at {@code bundleUri}, whatever leads there. */
  public static ReplacedBundle of(String bundleUri, String runId) {
    return in(PinnedFolder.unknown(Storages.parent(bundleUri)), bundleUri, runId);
  }

  /** The copy of what the run {@code runId} replaces at {@code bundleUri}, in one folder only. */
  public static ReplacedBundle in(PinnedFolder folder, String bundleUri, String runId) {
    return new ReplacedBundle(ReplacedNames.uri(bundleUri, runId), folder);
  }

  /** Returns the copy if there is one. */
  public Optional<StoredObject> find() throws StorageException {
    return storage().stat(uri);
  }

  /** Deletes the copy if there is one; what took the place of its folder stays as it is. */
  public void delete() throws StorageException {
    storage().delete(uri, folder);
  }

  private ModelStorage storage() throws StorageException {
    return Storages.forUri(uri);
  }
}
