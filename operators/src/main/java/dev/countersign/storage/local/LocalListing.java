package dev.countersign.storage.local;

import dev.countersign.storage.IrregularEntry;
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
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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

  private static final String LINK = "a symbolic link";

  /** How many links the system follows, one after the other. */
  private static final int MAX_HOPS = 40;

  /**
   * A directory still to be read; {@code prefix} is empty or ends in a slash, {@code fileKey} is
   * null where the file system has none.
   */
  private record Directory(Path path, String prefix, int depth, @Nullable Object fileKey) {}

  /** Where a link leads; {@code detail} is for messages. */
  private sealed interface Target {
    String detail();
  }

  /**
   * A file that a link may stand for.
   *
   * @param path relative to the root, without links
   * @param root 0 for the model, n for the n-th symlink root
   */
  private record Content(String path, int root, LocalAttributes attributes, String detail)
      implements Target {}

  /** A link whose content cannot be taken, and why. */
  private record Problem(Kind kind, String detail) implements Target {}

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

  /** Lists a model and returns the summary of the listing. */
  static ListingSummary summarize(String modelUri, ListingRules rules) throws StorageException {
    ListingDraft draft = ListingDraft.ofSummary(modelUri, rules);
    LocalAttributes unused = new LocalListing(modelUri, rules, draft).fill();
    return draft.summary();
  }

  /** Fills the draft, and returns the attributes of the model's root. */
  private LocalAttributes fill() throws StorageException {
    Path root;
    LocalAttributes attributes;
    String link = "";
    try {
      Path named = LocalPaths.of(modelUri);
      root = named.toRealPath();
      if (!rules.allowSymlinks() && !root.equals(named) && Files.isSymbolicLink(named)) {
        link = detail(named);
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
      throw StorageException.of(
          StorageException.Kind.UNREADABLE,
          modelUri,
          "%s is neither a file nor a directory. Only these can be models.",
          Printable.of(modelUri));
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
      throw StorageException.changed(
          modelUri, "was replaced by something else while the model was listed");
    }
  }

  private void walk(Path root, @Nullable Object fileKey) throws StorageException {
    List<Path> roots = linkRoots(root);
    pending.addLast(new Directory(root, "", 0, fileKey));
    while (!pending.isEmpty()) {
      Directory directory = pending.removeLast();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.path())) {
        requireSame(directory, entries);
        for (Path entry : entries) {
          visit(directory, entry, roots);
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

  private void visit(Directory directory, Path entry, List<Path> roots)
      throws StorageException, IOException {
    Optional<String> fileName = LocalPaths.fileName(entry);
    if (fileName.isEmpty()) {
      draft.addIrregular(
          directory.prefix() + LocalPaths.escapedFileName(entry),
          Kind.NAME_NOT_UTF8,
          "a name whose bytes are not valid UTF-8");
      return;
    }
    String name = directory.prefix() + fileName.get();
    if (directory.depth() == 0 && draft.isNoted(name)) {
      LocalStorage.find(Storages.child(modelUri, name), entry).ifPresent(draft::note);
    }
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
      draft.addDirectory(name);
    } else if (attributes.link()) {
      addLink(name, resolve(entry, roots));
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

  private void addLink(String name, Target target) throws StorageException {
    if (target instanceof Problem problem
        && (rules.allowSymlinks() || problem.kind() == Kind.LINKED_DIRECTORY)) {
      draft.addIrregular(name, problem.kind(), problem.detail());
    } else if (target instanceof Content content && rules.allowSymlinks()) {
      addFile(name, content.path(), content.root(), content.attributes());
    } else {
      Kind followed = target instanceof Problem problem ? problem.kind() : Kind.SYMLINK;
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
        Message.of("a directory that cannot be listed (%s)", LocalFaults.reason(fault)));
  }

  private static Optional<LocalAttributes> found(Path path) {
    try {
      return Optional.of(LocalAttributes.of(path, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private StorageException replaced(Directory directory) {
    return StorageException.changed(
        Storages.child(modelUri, directory.prefix()),
        "was replaced by something else while the model was listed");
  }

  /**
   * Returns the folders that links may lead into, without links: the model first, then the symlink
   * roots.
   *
   * @throws StorageException if a symlink root cannot be read
   */
  private List<Path> linkRoots(Path model) throws StorageException {
    List<Path> roots = new ArrayList<>();
    roots.add(model);
    for (String symlinkRoot : rules.symlinkRoots()) {
      try {
        roots.add(LocalPaths.of(symlinkRoot).toRealPath());
      } catch (IOException e) {
        throw LocalFaults.reading(symlinkRoot, e);
      }
    }
    return roots;
  }

  /** Says of a link where it leads, and where it ends if it leads to other links first. */
  private static String detail(Path link) throws IOException {
    String next = LINK + " to " + Printable.of(Files.readSymbolicLink(link).toString());
    Path end = end(link);
    return end.equals(next(link))
        ? next
        : next + ", which leads to " + Printable.of(end.toString());
  }

  /** Returns the place that a link names, without links above it as far as it exists. */
  private static Path next(Path link) throws IOException {
    Path next = link.resolveSibling(Files.readSymbolicLink(link));
    Path parent = next.getParent();
    return parent == null ? next : real(parent).resolve(next.getFileName()).normalize();
  }

  private static Path real(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      return folder.normalize();
    }
  }

  /** Follows links until one leads to something else, or nowhere, or in a circle. */
  private static Path end(Path link) throws IOException {
    Path end = next(link);
    for (int hops = 1; hops < MAX_HOPS && Files.isSymbolicLink(end); hops++) {
      end = next(end);
    }
    return end;
  }

  /** Follows a link to its end. */
  private static Target resolve(Path link, List<Path> roots) {
    String detail = LINK;
    try {
      detail = detail(link);
      Path target = link.toRealPath();
      LocalAttributes attributes = LocalAttributes.of(target, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isDirectory()) {
        return new Problem(Kind.LINKED_DIRECTORY, detail + ", a directory");
      }
      if (!attributes.isFile()) {
        return new Problem(Kind.SPECIAL_FILE, detail + ", a socket, pipe or device");
      }
      return place(target, attributes, detail, roots);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return new Problem(Kind.SYMLINK_BROKEN, detail + ", where nothing is");
    } catch (AccessDeniedException e) {
      return new Problem(Kind.SYMLINK_BROKEN, detail + ", which this user may not read");
    } catch (IOException e) {
      return new Problem(
          Kind.SYMLINK_CYCLE,
          Message.of("%s, which leads nowhere (%s)", detail, LocalFaults.reason(e)));
    }
  }

  private static Target place(
      Path target, LocalAttributes attributes, String detail, List<Path> roots) {
    for (int root = 0; root < roots.size(); root++) {
      if (target.startsWith(roots.get(root))) {
        Optional<String> path = LocalPaths.relativeText(roots.get(root), target);
        return path.isPresent()
            ? new Content(path.get(), root, attributes, detail)
            : new Problem(Kind.NAME_NOT_UTF8, detail + ", whose bytes are not valid UTF-8");
      }
    }
    return new Problem(Kind.SYMLINK_OUTSIDE, detail + ", outside the model and all symlink roots");
  }
}
