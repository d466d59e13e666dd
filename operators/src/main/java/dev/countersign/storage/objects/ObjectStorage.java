package dev.countersign.storage.objects;

import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.FolderEntry;
import dev.countersign.storage.GlobPattern;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingSummary;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.StoreUri;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One bucket or container. A folder is there if a key below it is, or an object that stands for it:
 * empty, with a key that ends in a slash.
 */
final class ObjectStorage implements ModelStorage, GlobPattern.Folders {

  private final ObjectClient client;

  ObjectStorage(ObjectClient client) {
    this.client = client;
  }

  /** Returns the key that a URI names; empty if it names the bucket. */
  static String key(String uri) {
    return StoreUri.parse(uri).path().substring(1);
  }

  /** Returns what all keys in the folder at a URI begin with. */
  static String prefix(String folderUri) {
    String key = key(folderUri);
    return key.isEmpty() ? "" : key + "/";
  }

  /** Returns what is stored under a key. */
  static StoredObject object(String uri, StoredKey found) {
    return new StoredObject(
        uri, StoredObject.Kind.FILE, found.length(), found.modifiedMillis(), found.version());
  }

  /** Returns a folder. */
  static StoredObject folder(String uri) {
    return new StoredObject(uri, StoredObject.Kind.DIRECTORY, 0, 0, "");
  }

  @Override
  public ModelListing list(String modelUri, ListingRules rules) throws StorageException {
    return ObjectListing.of(client, modelUri, rules);
  }

  @Override
  public ListingSummary summarize(String modelUri, ListingRules rules) throws StorageException {
    return ObjectListing.summarize(client, modelUri, rules);
  }

  @Override
  public ModelReader openModel(String modelUri, List<String> symlinkRoots) {
    return new ObjectModelReader(client, modelUri);
  }

  @Override
  public Optional<StoredObject> stat(String uri) throws StorageException {
    String key = key(uri);
    if (!key.isEmpty()) {
      Optional<StoredKey> found = client.head(key);
      if (found.isPresent()) {
        return Optional.of(object(uri, found.get()));
      }
    }
    return isFolder(uri) ? Optional.of(folder(uri)) : Optional.empty();
  }

  /** Tells whether there is a folder at a URI; the bucket itself is one. */
  private boolean isFolder(String uri) throws StorageException {
    String prefix = prefix(uri);
    String next = "";
    do {
      ObjectPage page = client.list(prefix, false, next);
      if (!page.keys().isEmpty() || !page.prefixes().isEmpty()) {
        return true;
      }
      next = page.next();
    } while (!next.isEmpty());
    return prefix.isEmpty();
  }

  @Override
  public byte[] readFully(String uri, long maxBytes) throws StorageException {
    StoredObject found = stat(uri).orElseThrow(() -> StorageException.notFound(uri, null));
    return readFully(found, maxBytes);
  }

  @Override
  public byte[] readFully(StoredObject found, long maxBytes) throws StorageException {
    if (found.kind() != StoredObject.Kind.FILE) {
      throw StorageException.notRegular(found.uri());
    }
    int most = (int) Math.min(maxBytes, Integer.MAX_VALUE - 16);
    if (found.length() > most) {
      throw StorageException.tooLarge(found.uri(), most);
    }
    byte[] content = new byte[(int) found.length()];
    if (content.length > 0) {
      client.get(
          StoredKey.planned(key(found.uri()), found.length(), found.version()),
          0,
          content,
          0,
          content.length);
    }
    return content;
  }

  @Override
  public void writeAtomically(String uri, byte[] content) throws StorageException {
    requireNoFolder(uri);
    writeAtomically(uri, content, pin(uri));
  }

  @Override
  public void writeAtomically(String uri, byte[] content, PinnedFolder folder)
      throws StorageException {
    String unused = client.put(key(uri), ObjectContent.of(content), PutCondition.ANY);
  }

  private void requireNoFolder(String uri) throws StorageException {
    if (isFolder(uri)) {
      throw StorageException.directory(uri);
    }
  }

  @Override
  public PinnedFolder pin(String uri) {
    return PinnedFolder.unknown(Storages.parent(uri));
  }

  /** Finds objects alone, by one request for each. */
  @Override
  public Map<String, StoredObject> findAll(List<String> uris) throws StorageException {
    Map<String, StoredObject> found = new HashMap<>();
    for (String uri : uris) {
      client.head(key(uri)).ifPresent(object -> found.put(uri, object(uri, object)));
    }
    return found;
  }

  /** Does nothing: an object that is not complete is not in the store. */
  @Override
  public void sweepTemporaries(String uri, PinnedFolder folder) {}

  @Override
  public void delete(String uri, PinnedFolder folder) throws StorageException {
    client.delete(key(uri));
  }

  @Override
  public AtomicOutput create(String uri) throws StorageException {
    requireNoFolder(uri);
    return create(uri, pin(uri));
  }

  @Override
  public AtomicOutput create(String uri, PinnedFolder folder) {
    return new ObjectOutput(client, uri, PutCondition.ANY);
  }

  @Override
  public boolean comparesVersions() {
    return true;
  }

  @Override
  public AtomicOutput create(String uri, PinnedFolder folder, Optional<StoredObject> found) {
    return new ObjectOutput(
        client,
        uri,
        found
            .filter(object -> object.kind() == StoredObject.Kind.FILE)
            .map(object -> PutCondition.replaces(object.version()))
            .orElse(PutCondition.ABSENT));
  }

  @Override
  public List<String> glob(String pattern, GlobPattern.Blocked blocked) throws StorageException {
    return GlobPattern.expand(pattern, this, blocked);
  }

  @Override
  public List<String> names(String uri, Predicate<String> wanted, boolean foldersOnly)
      throws StorageException {
    Set<String> names = new LinkedHashSet<>();
    boolean unused =
        visit(
            uri,
            entry -> {
              boolean isWanted = entry.nameable() && wanted.test(entry.name());
              if (isWanted && (!foldersOnly || entry.kind() == FolderEntry.Kind.FOLDER)) {
                names.add(entry.name());
              }
            });
    return List.copyOf(names);
  }

  @Override
  public boolean exists(String uri, boolean folderOnly) throws StorageException {
    return folderOnly ? isFolder(uri) : stat(uri).isPresent();
  }

  @Override
  public void visitFolder(String folderUri, Consumer<FolderEntry> visitor) throws StorageException {
    if (!visit(folderUri, visitor)) {
      throw StorageException.notFound(folderUri, null);
    }
  }

  /** Passes on what is directly in a folder, and returns whether there is one. */
  private boolean visit(String folderUri, Consumer<FolderEntry> visitor) throws StorageException {
    String prefix = prefix(folderUri);
    boolean isFolder = prefix.isEmpty();
    String next = "";
    do {
      ObjectPage page = client.list(prefix, false, next);
      for (StoredKey found : page.keys()) {
        isFolder = true;
        // The object that stands for the folder itself is nothing in it.
        if (!found.key().equals(prefix) || found.length() > 0) {
          visitor.accept(
              entry(ObjectNames.below(prefix, found.key(), folderUri), FolderEntry.Kind.FILE));
        }
      }
      for (String below : page.prefixes()) {
        isFolder = true;
        String name = ObjectNames.below(prefix, below, folderUri);
        visitor.accept(
            entry(name.substring(0, Math.max(0, name.length() - 1)), FolderEntry.Kind.FOLDER));
      }
      next = page.next();
    } while (!next.isEmpty());
    return isFolder;
  }

  private static FolderEntry entry(String name, FolderEntry.Kind kind) {
    return new FolderEntry(name, kind, ObjectNames.isPlain(name));
  }
}
