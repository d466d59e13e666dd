package dev.countersign.storage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One store of models: lists them, reads them, and writes bundles beside them.
 *
 * <p>URIs are as {@link Storages} describes. Thread safe. All methods may block on a disk or a
 * network.
 */
public interface ModelStorage {

  /**
   * Lists all regular files of a model, and everything in it that is no regular file.
   *
   * <p>What an operator has to decide about (a link, a socket, a name that is not UTF-8) is
   * returned in {@link ModelListing#irregular()}, never thrown.
   *
   * @throws StorageException if the model's root is missing, unreadable or neither file nor
   *     directory, if a limit of {@code rules} is exceeded, or if the store fails
   */
  ModelListing list(String modelUri, ListingRules rules) throws StorageException;

  /**
   * Returns this store, whose listings say which machines hold the blocks of files if the same
   * calls can tell.
   */
  default ModelStorage withHosts() {
    return this;
  }

  /**
   * Lists a model as {@link #list} does and returns the listing's summary, which takes much less
   * memory.
   *
   * @throws StorageException as {@link #list}
   */
  ListingSummary summarize(String modelUri, ListingRules rules) throws StorageException;

  /**
   * Opens a model for reading. Nothing is read yet, and whether the model exists is only told by
   * {@link ModelReader#open}.
   *
   * @param symlinkRoots what {@link ListingRules#symlinkRoots()} was when the model was listed
   */
  ModelReader openModel(String modelUri, List<String> symlinkRoots) throws StorageException;

  /** Returns what lies at a URI, following links; empty if nothing does. */
  Optional<StoredObject> stat(String uri) throws StorageException;

  /**
   * Returns the content of a small file, following links.
   *
   * @param maxBytes the most bytes it may have; more is {@link
   *     StorageException.Kind#LIMIT_EXCEEDED}
   */
  byte[] readFully(String uri, long maxBytes) throws StorageException;

  /**
   * As the other one, of what {@link #stat} or a listing has just found. Stores that can do not
   * look again.
   *
   * @throws StorageException {@link StorageException.Kind#CHANGED} if it is longer than what was
   *     found, so that no more memory is needed than the caller knows of
   */
  byte[] readFully(StoredObject found, long maxBytes) throws StorageException;

  /**
   * Writes a file so that it is complete before it appears under its name, replacing what is there.
   *
   * <p>The bytes go to a file with one of the {@link TemporaryNames} in the same folder first,
   * which is removed again on any failure. Missing folders above it are made. A link in its place
   * is replaced, not followed. Of several writers of one URI the last one wins, as a whole.
   *
   * @throws StorageException {@link StorageException.Kind#NO_SPACE}, or {@link
   *     StorageException.Kind#NOT_WRITABLE} for anything else
   */
  default void writeAtomically(String uri, byte[] content) throws StorageException {
    writeAtomically(uri, content, pin(uri));
  }

  /**
   * As the other one, but into one folder only.
   *
   * @param folder the file's folder or one above it, as {@link #pin} found it earlier
   * @throws StorageException {@link StorageException.Kind#CHANGED} if another folder is in its
   *     place
   */
  void writeAtomically(String uri, byte[] content, PinnedFolder folder) throws StorageException;

  /** Returns the folder that a file at {@code uri} is written to, or the one above that exists. */
  PinnedFolder pin(String uri) throws StorageException;

  /**
   * As {@link #pin}, of a file that lies beside a model: where the store can tell, the folder is
   * the one that holds the very model that was listed, whatever leads there by now.
   *
   * @param identity of the model, from its listing
   * @throws StorageException {@link StorageException.Kind#CHANGED} if another model is there
   */
  default PinnedFolder pinBeside(String uri, String modelUri, String identity)
      throws StorageException {
    return pin(uri);
  }

  /**
   * As {@link #pin}. If the file is below {@code folderUri}, no link below that folder leads there,
   * where the store has links.
   *
   * @throws StorageException {@link StorageException.Kind#NOT_WRITABLE} if one does
   */
  default PinnedFolder pinBelow(String uri, String folderUri) throws StorageException {
    return pin(uri);
  }

  /**
   * Deletes temporary files in the folder of {@code uri} whose writers have ended, unless this
   * process has done so within the last minute. Never deletes one that is being written. What
   * cannot be deleted is left. Who writes without a pinned folder need not call it.
   */
  void sweepTemporaries(String uri, PinnedFolder folder) throws StorageException;

  /**
   * Returns what is stored at some URIs of one folder, as {@link #stat} does. A store that sweeps a
   * folder whatever leads to it may list the folder, and sweep it by the way.
   *
   * @return by URI; without what is not there
   */
  default Map<String, StoredObject> findAll(List<String> uris) throws StorageException {
    Map<String, StoredObject> found = new HashMap<>();
    for (String uri : uris) {
      stat(uri).ifPresent(object -> found.put(uri, object));
    }
    return found;
  }

  /**
   * Deletes a file if it is there; of a link, the link itself. In one folder only, where the store
   * follows links to folders.
   *
   * @param folder the file's folder or one above it, as {@link #pin} found it earlier
   * @throws StorageException {@link StorageException.Kind#CHANGED} if another folder is in its
   *     place
   */
  void delete(String uri, PinnedFolder folder) throws StorageException;

  /**
   * Returns the URIs of everything whose path matches a pattern, in code point order.
   *
   * <p>The pattern's language is {@link GlobPattern}'s. Links count as what they point to.
   *
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} for a malformed pattern,
   *     {@link StorageException.Kind#LIMIT_EXCEEDED} for one that matches too much
   */
  default List<String> glob(String pattern) throws StorageException {
    return glob(
        pattern,
        e -> {
          throw e;
        });
  }

  /**
   * As {@link #glob(String)}; {@code blocked} may pass over a folder below the pattern's fixed part
   * that cannot be looked into.
   */
  List<String> glob(String pattern, GlobPattern.Blocked blocked) throws StorageException;

  /**
   * Passes on everything that lies directly in a folder, in no order, one after the other.
   *
   * @throws StorageException if there is no folder, or if it cannot be listed
   */
  void visitFolder(String folderUri, Consumer<FolderEntry> visitor) throws StorageException;

  /**
   * Begins a file that appears when it is complete; as {@link #writeAtomically(String, byte[])},
   * for what need not fit into memory.
   *
   * @throws StorageException as there
   */
  default AtomicOutput create(String uri) throws StorageException {
    return create(uri, pin(uri));
  }

  /**
   * As the other one, but into one folder only.
   *
   * @param folder as in {@link #writeAtomically(String, byte[], PinnedFolder)}
   * @throws StorageException as there
   */
  AtomicOutput create(String uri, PinnedFolder folder) throws StorageException;

  /**
   * Returns whether the store itself can compare what a file replaces with what was found, so that
   * nobody need look again just before.
   */
  default boolean comparesVersions() {
    return false;
  }

  /**
   * As {@link #create(String, PinnedFolder)}, in the place of what was found alone. Of stores that
   * {@linkplain #comparesVersions() compare versions}.
   *
   * @param found what is replaced; empty if nothing may be there
   * @throws StorageException when the file is committed: {@link StorageException.Kind#CHANGED} if
   *     something else is there
   */
  default AtomicOutput create(String uri, PinnedFolder folder, Optional<StoredObject> found)
      throws StorageException {
    throw new UnsupportedOperationException("versions are not compared at " + uri);
  }
}
