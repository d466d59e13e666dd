package dev.countersign.storage.local;

import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.IrregularEntry.Kind;
import dev.countersign.storage.ListingDraft;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a model's directories: each is read once, each entry's attributes are read once,
 * and only one directory is open at a time, however deep the model is.
 *
 * <p>Directories are opened by their path, which links that were swapped in meanwhile may lead
 * elsewhere; so what was opened must be the very directory that was found, or the model has
 * changed. Files are only ever opened later, without following links.
 */
final class LocalListing {

  /**
   * A directory still to be read; {@code prefix} is empty or ends in a slash, {@code fileKey} is
   * null where the file system has none.
   */
  private record Directory(Path path, String prefix, int depth, @Nullable Object fileKey) {}

  private final String modelUri;
  private final ListingRules rules;
  private final Deque<Directory> pending = new ArrayDeque<>();
  private final ListingDraft draft;

  private LocalListing(String modelUri, ListingRules rules, ListingDraft draft) {
    this.modelUri = modelUri;
    this.rules = rules;
    this.draft = draft;
  }

  /**
   * Lists a model. The root itself may be given through links; a link to a single file is a link in
   * that model.
   */
  static ModelListing of(String modelUri, ListingRules rules) throws StorageException {
    ListingDraft draft = new ListingDraft(modelUri, rules);
    LocalAttributes root = new LocalListing(modelUri, rules, draft).fill();
    return draft.finish(root.isFile(), root.identity());
  }

  /** Lists a model and returns the fingerprint of the listing. */
  static String fingerprint(String modelUri, ListingRules rules) throws StorageException {
    ListingDraft draft = ListingDraft.ofFingerprint(modelUri, rules);
    LocalAttributes unused = new LocalListing(modelUri, rules, draft).fill();
    return draft.fingerprint();
  }

  /** Fills the draft, and returns the attributes of the model's root. */
  private LocalAttributes fill() throws StorageException {
    Path root;
    LocalAttributes attributes;
    String link = "";
    try {
      Path named = LocalPaths.of(modelUri);
      root = named.toRealPath();
      if (!rules.allowSymlinks() && Files.isSymbolicLink(named)) {
        link = LinkTargets.detail(named);
      }
      attributes = LocalAttributes.of(root, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw LocalFaults.tooLongOr(modelUri, LocalFaults.reading(modelUri, e));
    }
    requireInScope(root, attributes);
    if (attributes.isFile() && !link.isEmpty()) {
      draft.addIrregular(Storages.baseName(modelUri), Kind.SYMLINK, link);
    } else if (attributes.isFile()) {
      addFile(Storages.baseName(modelUri), "", 0, attributes);
    } else if (attributes.isDirectory()) {
      walk(root, attributes.fileKey());
    } else {
      throw new StorageException(
          StorageException.Kind.UNREADABLE,
          modelUri,
          String.format(
              Locale.ROOT,
              "%s is neither a file nor a directory. Only these can be models.",
              Printable.of(modelUri)));
    }
    return attributes;
  }

  /**
   * Requires that what was found at the root is reached from the scope's folder without a link,
   * whatever the path leads to by now.
   */
  private void requireInScope(Path root, LocalAttributes found) throws StorageException {
    if (rules.scope().isAnywhere()) {
      return;
    }
    String place = LocalPaths.text(root).orElse("");
    Path folder = LocalPaths.of(rules.scope().require(modelUri, place));
    try (RootDirectory scope = new RootDirectory(folder)) {
      if (!root.equals(folder) && !scope.holds(root, found.fileKey())) {
        throw new RootDirectory.ReplacedException();
      }
    } catch (IOException e) {
      throw LocalFaults.changed(
          modelUri, "was replaced by something else while the model was listed");
    }
  }

  private void walk(Path root, @Nullable Object fileKey) throws StorageException {
    LinkTargets links = LinkTargets.of(root, rules.symlinkRoots());
    pending.addLast(new Directory(root, "", 0, fileKey));
    while (!pending.isEmpty()) {
      Directory directory = pending.removeLast();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.path())) {
        requireSame(directory, entries);
        for (Path entry : entries) {
          visit(directory, entry, links);
        }
      } catch (DirectoryIteratorException e) {
        unreadable(directory, LocalFaults.cause(e));
      } catch (IOException e) {
        unreadable(directory, e);
      }
    }
  }

  /** Requires that what was opened by a path is the directory that was found there before. */
  private void requireSame(Directory directory, DirectoryStream<Path> opened)
      throws StorageException, IOException {
    Object found =
        opened instanceof SecureDirectoryStream<Path> secure
            ? secure.getFileAttributeView(BasicFileAttributeView.class).readAttributes().fileKey()
            : LocalAttributes.of(directory.path(), LinkOption.NOFOLLOW_LINKS).fileKey();
    if (!Objects.equals(found, directory.fileKey())) {
      throw replaced(directory);
    }
  }

  private void visit(Directory directory, Path entry, LinkTargets links)
      throws StorageException, IOException {
    Optional<String> fileName = LocalPaths.fileName(entry);
    if (fileName.isEmpty()) {
      draft.addIrregular(
          directory.prefix() + LocalPaths.escapedFileName(entry),
          Kind.NAME_NOT_UTF8,
          "a name whose bytes are no UTF-8");
      return;
    }
    String name = directory.prefix() + fileName.get();
    if (!draft.wants(name, directory.depth() + 1)) {
      return;
    }
    LocalAttributes attributes;
    try {
      attributes = LocalAttributes.of(entry, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return; // Deleted since the directory was read: as if it had been a moment earlier.
    } catch (FileSystemException e) {
      if (LocalFaults.isTooLong(entry.toString())) {
        throw LocalFaults.tooLong(Storages.child(modelUri, name));
      }
      throw e;
    }
    if (attributes.isFile()) {
      addFile(name, name, 0, attributes);
    } else if (attributes.isDirectory()) {
      pending.addLast(
          new Directory(entry, name + "/", directory.depth() + 1, attributes.fileKey()));
      draft.addDirectory();
    } else if (attributes.link()) {
      addLink(name, links.resolve(entry));
    } else {
      draft.addIrregular(name, Kind.SPECIAL_FILE, "a socket, pipe or device");
    }
  }

  private void addFile(String name, String path, int root, LocalAttributes attributes)
      throws StorageException {
    draft.addFile(
        new StoredFile(
            name,
            path,
            root,
            attributes.length(),
            attributes.version(),
            attributes.changedMillis()));
  }

  private void addLink(String name, LinkTargets.Target target) throws StorageException {
    if (target instanceof LinkTargets.Problem problem
        && (rules.allowSymlinks() || problem.kind() == Kind.LINKED_DIRECTORY)) {
      draft.addIrregular(name, problem.kind(), problem.detail());
    } else if (target instanceof LinkTargets.Content content && rules.allowSymlinks()) {
      addFile(name, content.path(), content.root(), content.attributes());
    } else {
      Kind followed = target instanceof LinkTargets.Problem problem ? problem.kind() : Kind.SYMLINK;
      draft.addIrregular(new IrregularEntry(name, Kind.SYMLINK, followed, target.detail()));
    }
  }

  private void unreadable(Directory directory, IOException fault) throws StorageException {
    if (LocalFaults.isTooLong(directory.path().toString())) {
      throw LocalFaults.tooLong(Storages.child(modelUri, directory.prefix()));
    }
    if (directory.depth() == 0) {
      throw LocalFaults.reading(modelUri, fault);
    }
    if (fault instanceof NoSuchFileException || LocalFaults.isNoDirectory(fault)) {
      if (found(directory.path()).isPresent()) {
        throw replaced(directory);
      }
      return; // Deleted, as if a moment earlier.
    }
    draft.addIrregular(
        directory.prefix().substring(0, directory.prefix().length() - 1),
        Kind.UNREADABLE_DIRECTORY,
        String.format(
            Locale.ROOT, "a directory that cannot be listed (%s)", LocalFaults.reason(fault)));
  }

  private static Optional<LocalAttributes> found(Path path) {
    try {
      return Optional.of(LocalAttributes.of(path, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private StorageException replaced(Directory directory) {
    return LocalFaults.changed(
        Storages.child(modelUri, directory.prefix()),
        "was replaced by something else while the model was listed");
  }
}
