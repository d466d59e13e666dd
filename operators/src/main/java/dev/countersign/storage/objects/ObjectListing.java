package dev.countersign.storage.objects;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.storage.IrregularEntry.Kind;
import dev.countersign.storage.ListingDraft;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingSummary;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * One pass over all keys of a model, page by page and whatever is between their slashes. No key is
 * passed over but those that the rules ignore and the empty ones that stand for folders. Does not
 * depend on the order of keys.
 */
final class ObjectListing {

  private final ObjectClient client;
  private final String modelUri;
  private final String prefix;
  private final ListingDraft draft;

  /** Folders that are wanted, by their names in the model. */
  private final Set<String> folders = new HashSet<>();

  private final NameDigests files = new NameDigests();

  /** What is directly in the model, is a folder, and was noted. */
  private final Set<String> noted = new HashSet<>();

  /** The folder of the last key, and whether it is wanted: mostly that of the next one, too. */
  private String lastFolder = "";

  private boolean isLastWanted = true;

  private ObjectListing(ObjectClient client, String modelUri, ListingDraft draft) {
    this.client = client;
    this.modelUri = modelUri;
    this.prefix = ObjectStorage.prefix(modelUri);
    this.draft = draft;
  }

  static ModelListing of(ObjectClient client, String modelUri, ListingRules rules)
      throws StorageException {
    ListingDraft draft = new ListingDraft(modelUri, rules);
    boolean singleFile = new ObjectListing(client, modelUri, draft).fill();
    return draft.finish(singleFile, "");
  }

  /** Lists a model and returns the summary of the listing. */
  static ListingSummary summarize(ObjectClient client, String modelUri, ListingRules rules)
      throws StorageException {
    ListingDraft draft = ListingDraft.ofSummary(modelUri, rules);
    boolean unused = new ObjectListing(client, modelUri, draft).fill();
    return draft.summary();
  }

  /** Fills the draft, and returns whether the model is a single file. */
  private boolean fill() throws StorageException {
    boolean isFolder = prefix.isEmpty();
    String next = "";
    do {
      ObjectPage page = client.list(prefix, true, next);
      for (StoredKey found : page.keys()) {
        isFolder = true;
        visit(ObjectNames.below(prefix, found.key(), modelUri), found);
      }
      next = page.next();
    } while (!next.isEmpty());
    if (!isFolder) {
      addSingle();
      return true;
    }
    files.seal();
    for (String folder : folders) {
      if (files.has(folder)) {
        draft.addIrregular(
            folder, Kind.FILE_AND_FOLDER, "an object, and a folder with other objects in it");
      }
    }
    return false;
  }

  private void addSingle() throws StorageException {
    Optional<StoredKey> found = client.head(ObjectStorage.key(modelUri));
    if (found.isEmpty()) {
      throw StorageException.notFound(modelUri, null);
    }
    requireReadable(modelUri, found.get());
    draft.addFile(file(Storages.baseName(modelUri), "", found.get()));
  }

  private void visit(String name, StoredKey found) throws StorageException {
    boolean isMarker = found.length() == 0 && (name.isEmpty() || name.endsWith("/"));
    String path = isMarker && !name.isEmpty() ? name.substring(0, name.length() - 1) : name;
    if (isMarker && name.isEmpty()) {
      return;
    }
    if (!ObjectNames.isPath(path)) {
      // Never ignored: whoever downloads it by a path may put it in place of another file.
      draft.addIrregular(
          name.isEmpty() ? "/" : name,
          Kind.NAME_NOT_CANONICAL,
          name.isEmpty() || name.endsWith("/")
              ? "a key that ends in a slash, with content"
              : "a key that is no plain path, such as one with an empty segment");
      return;
    }
    int top = path.indexOf('/');
    if (!isMarker && top >= 0 && isNotedFolder(path.substring(0, top))) {
      // Never ignored as the bundle is.
      draft.addIrregular(name, Kind.NAME_NOT_CANONICAL, "a key below that of the bundle");
      return;
    }
    int depth = 1 + (int) path.chars().filter(c -> c == '/').count();
    if (isMarker) {
      boolean unused = enter(path, depth);
      return;
    }
    int slash = path.lastIndexOf('/');
    String folder = slash < 0 ? "" : path.substring(0, slash);
    if (!folder.equals(lastFolder)) {
      isLastWanted = enter(folder, depth - 1);
      lastFolder = folder;
    }
    if (depth == 1 && draft.isNoted(path)) {
      draft.note(ObjectStorage.object(Storages.child(modelUri, path), found));
    }
    if (isLastWanted && draft.wants(path, depth)) {
      files.add(path);
      StoredFile file = file(path, path, found);
      if (!draft.isOwn(file)) {
        requireReadable(Storages.child(modelUri, path), found);
      }
      draft.addFile(file);
    }
  }

  /** Returns whether a folder directly in the model is to be noted, and notes it. */
  private boolean isNotedFolder(String name) {
    if (!draft.isNoted(name)) {
      return false;
    }
    if (noted.add(name)) {
      draft.note(ObjectStorage.folder(Storages.child(modelUri, name)));
    }
    return true;
  }

  /** Adds a folder and those above it, and returns whether what is in it is wanted. */
  private boolean enter(String folder, int depth) throws StorageException {
    if (folder.isEmpty() || folders.contains(folder)) {
      return true;
    }
    int slash = folder.lastIndexOf('/');
    if (slash >= 0 && !enter(folder.substring(0, slash), depth - 1)) {
      return false;
    }
    if (!draft.wants(folder, depth)) {
      return false;
    }
    folders.add(folder);
    draft.addDirectory(folder);
    return true;
  }

  private static StoredFile file(String name, String path, StoredKey found) {
    return new StoredFile(name, path, 0, found.length(), found.version(), found.modifiedMillis());
  }

  private static void requireReadable(String uri, StoredKey found) throws StorageException {
    if (!found.archive().isEmpty()) {
      throw new StorageException(
          StorageException.Kind.UNREADABLE,
          uri,
          Message.of(
              "%s is archived (%s), so it cannot be read.",
              Printable.of(uri), Printable.of(found.archive())),
          Remedy.of(
              "Restore the object and run again, or leave it out with %s.", Setting.IGNORE_PATHS),
          false,
          null);
    }
  }
}
