package dev.countersign.storage.local;

import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.TemporaryNames;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Folder that files are written in. It is held open, and all names are relative to it, so that what
 * takes the folder's place meanwhile, such as a link to another model, receives nothing.
 *
 * <p>Where the platform cannot open relative to a directory, names are paths, and whether they lead
 * to the folder is checked before a file appears; that leaves a moment for a swap.
 */
final class OutputFolder implements Closeable {

  private static final Set<OpenOption> NEW_FILE =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

  private final Path path;
  private final String identity;
  private final @Nullable SecureDirectoryStream<Path> open;

  private OutputFolder(Path path, String identity, @Nullable SecureDirectoryStream<Path> open) {
    this.path = path;
    this.identity = identity;
    this.open = open;
  }

  /** Returns the folder that a file at {@code uri} goes to, or the one above it that exists. */
  static PinnedFolder pin(String uri) throws StorageException, IOException {
    String folder = Storages.parent(uri);
    while (true) {
      try {
        LocalAttributes found = LocalAttributes.of(LocalPaths.of(folder));
        if (!found.isDirectory()) {
          throw new NotDirectoryException(folder);
        }
        return new PinnedFolder(folder, found.identity());
      } catch (NoSuchFileException e) {
        String above = Storages.parent(folder);
        if (above.equals(folder)) {
          throw e;
        }
        folder = above;
      }
    }
  }

  /**
   * Returns the folder that a file at {@code uri} goes to. It holds the model, which is told from
   * what else the path may lead to: the folder is held open meanwhile.
   *
   * @param identity of the model
   * @throws ReplacedFolderException if the folder does not hold that model
   */
  static PinnedFolder pinBeside(String uri, String modelUri, String identity)
      throws StorageException, IOException {
    PinnedFolder pinned = pin(uri);
    if (!pinned.uri().equals(Storages.parent(uri))) {
      throw new ReplacedFolderException(LocalPaths.of(pinned.uri()));
    }
    try (OutputFolder folder = open(uri, pinned)) {
      LocalAttributes model = LocalAttributes.of(LocalPaths.of(modelUri));
      if (!model.isIdentifiedBy(identity)
          || !folder.leadsTo(LocalPaths.of(modelUri).getFileName(), model.fileKey())) {
        throw new ReplacedFolderException(folder.path);
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new ReplacedFolderException(LocalPaths.of(pinned.uri()));
    }
    return pinned;
  }

  /**
   * Returns the folder that a file at {@code uri} goes to, or the one above it that exists. If it
   * is below {@code aboveUri}, no link below that leads there.
   *
   * @throws ReplacedFolderException if one does
   */
  static PinnedFolder pinBelow(String uri, String aboveUri) throws StorageException, IOException {
    PinnedFolder pinned = pin(uri);
    String below = Storages.child(aboveUri, "");
    if (!Storages.child(pinned.uri(), "").startsWith(below)) {
      return pinned; // It is elsewhere, or all that is below is still to be made.
    }
    String inPinned = Storages.child(pinned.uri(), "bundle");
    try (OutputFolder folder = open(inPinned, PinnedFolder.unknown(aboveUri))) {
      LocalAttributes found = requireSame(folder.path, pinned.identity());
      if (folder.open != null && !Objects.equals(found.fileKey(), keyOf(folder.open))) {
        throw new ReplacedFolderException(folder.path);
      }
    }
    return pinned;
  }

  /** Returns whether a name here is that of a file or directory, links followed. */
  private boolean leadsTo(Path name, @Nullable Object fileKey) throws IOException {
    return open == null
        || Objects.equals(
            open.getFileAttributeView(name, BasicFileAttributeView.class)
                .readAttributes()
                .fileKey(),
            fileKey);
  }

  /**
   * Opens the folder that a file at {@code uri} goes to. What is missing below the pinned folder is
   * made, durable in what is above it; links below the pinned folder are not followed.
   *
   * @throws ReplacedFolderException if another folder has taken its place
   */
  static OutputFolder open(String uri, PinnedFolder pinned) throws StorageException, IOException {
    return open(uri, pinned, true);
  }

  /**
   * As the other one, but makes nothing.
   *
   * @throws NoSuchFileException if the folder is missing
   */
  static OutputFolder openExisting(String uri, PinnedFolder pinned)
      throws StorageException, IOException {
    return open(uri, pinned, false);
  }

  private static OutputFolder open(String uri, PinnedFolder pinned, boolean makes)
      throws StorageException, IOException {
    Path base = LocalPaths.of(pinned.uri());
    Path folder = LocalPaths.of(Storages.parent(uri));
    LocalAttributes found = requireSame(base, pinned.identity());
    SecureDirectoryStream<Path> stream = RootDirectory.open(base);
    OutputFolder at = new OutputFolder(base, found.identity(), stream);
    try {
      if (stream != null && !Objects.equals(found.fileKey(), keyOf(stream))) {
        throw new ReplacedFolderException(base);
      }
      Deque<Path> below = new ArrayDeque<>();
      for (Path above = folder; !above.equals(base); above = parent(above, base)) {
        below.push(above);
      }
      for (Path next : below) {
        OutputFolder inside = at.child(next, makes);
        at.close();
        at = inside;
      }
      return at;
    } catch (IOException | RuntimeException e) {
      at.close();
      throw e;
    }
  }

  private static Path parent(Path folder, Path base) {
    return Objects.requireNonNull(folder.getParent(), () -> "not below " + base);
  }

  private static LocalAttributes requireSame(Path path, String identity) throws IOException {
    LocalAttributes found = LocalAttributes.of(path);
    if (!found.isDirectory()) {
      throw new NotDirectoryException(path.toString());
    }
    if (!found.isIdentifiedBy(identity)) {
      throw new ReplacedFolderException(path);
    }
    return found;
  }

  private static @Nullable Object keyOf(SecureDirectoryStream<Path> directory) throws IOException {
    return directory.getFileAttributeView(BasicFileAttributeView.class).readAttributes().fileKey();
  }

  /**
   * Opens a folder in this one, and makes it on request if it is missing. Java makes folders by
   * their path alone: if this folder is replaced at that moment, an empty folder appears elsewhere,
   * and this fails.
   */
  private OutputFolder child(Path child, boolean makes) throws IOException {
    if (makes && find(child.getFileName()).isEmpty()) {
      try {
        Files.createDirectory(child);
      } catch (FileAlreadyExistsException e) {
        // Another bundle's writer was faster.
      }
      sync();
    }
    BasicFileAttributes found =
        find(child.getFileName())
            .orElseThrow(
                () ->
                    makes
                        ? new ReplacedFolderException(path)
                        : new NoSuchFileException(child.toString()));
    if (found.isSymbolicLink()) {
      throw new ReplacedFolderException(child);
    }
    if (!found.isDirectory()) {
      throw new NotDirectoryException(child.toString());
    }
    return open == null
        ? new OutputFolder(
            child, LocalAttributes.of(child, LinkOption.NOFOLLOW_LINKS).identity(), null)
        : new OutputFolder(child, "", RootDirectory.openIn(open, child.getFileName()));
  }

  /** Returns what is called {@code name} here, links not followed; empty if nothing is. */
  Optional<BasicFileAttributes> find(Path name) throws IOException {
    try {
      return Optional.of(
          open == null
              ? Files.readAttributes(
                  path.resolve(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              : RootDirectory.attributes(open, name));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Makes a file that must not exist yet. */
  FileChannel create(Path name) throws IOException {
    return open == null
        ? FileChannel.open(path.resolve(name), NEW_FILE)
        : (FileChannel) open.newByteChannel(name, NEW_FILE);
  }

  /** Gives a file its name, in place of what has it. */
  void rename(Path from, Path to) throws IOException {
    if (open == null) {
      LocalAttributes unused = requireSame(path, identity);
      Files.move(path.resolve(from), path.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    } else {
      open.move(from, open, to);
    }
  }

  /** Deletes a file if it is here. */
  void delete(Path name) throws IOException {
    try {
      if (open == null) {
        Files.delete(path.resolve(name));
      } else {
        open.deleteFile(name);
      }
    } catch (NoSuchFileException e) {
      // Somebody else has deleted it.
    }
  }

  /** Makes what this folder holds durable. Where folders cannot be opened, they need no sync. */
  void sync() throws IOException {
    FileChannel channel;
    try {
      channel =
          open == null
              ? FileChannel.open(path, StandardOpenOption.READ)
              : (FileChannel) open.newByteChannel(Path.of("."), Set.of(StandardOpenOption.READ));
    } catch (AccessDeniedException e) {
      return; // A system that opens no folders.
    }
    try (channel) {
      channel.force(true);
    }
  }

  /**
   * Deletes temporary files whose writers have ended: those of this account's processes that are
   * gone, and all that are so old that nobody can be writing them.
   */
  @SuppressWarnings("EmptyCatch") // One that this account may not delete is left to its owner.
  void sweep() throws IOException {
    for (Path name : temporaries()) {
      try {
        if (isStale(name)) {
          delete(name);
        }
      } catch (FileSystemException e) {
        // Another account's, or gone by now.
      }
    }
  }

  private boolean isStale(Path name) throws IOException {
    Optional<BasicFileAttributes> found = find(name);
    return found.isPresent()
        && found.get().isRegularFile()
        && (TemporaryNames.isStale(found.get().lastModifiedTime().toMillis())
            || (TemporaryNames.isAbandoned(name.toString()) && isOwn(name)));
  }

  private List<Path> temporaries() throws IOException {
    List<Path> names = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        open == null ? Files.newDirectoryStream(path) : open.newDirectoryStream(Path.of("."))) {
      for (Path entry : entries) {
        if (TemporaryNames.isTemporary(entry.getFileName().toString())) {
          names.add(entry.getFileName());
        }
      }
    } catch (DirectoryIteratorException e) {
      throw LocalFaults.cause(e);
    }
    return names;
  }

  /** Returns whether a file belongs to the account of this process. */
  private boolean isOwn(Path name) throws IOException {
    if (open == null) {
      return false;
    }
    UserPrincipal owner =
        open.getFileAttributeView(name, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS)
            .getOwner();
    return owner.equals(Files.getOwner(Path.of("/proc/self")));
  }

  @Override
  public void close() throws IOException {
    if (open != null) {
      open.close();
    }
  }

  /** Another folder is where the pinned one was. */
  static final class ReplacedFolderException extends IOException {
    private static final long serialVersionUID = 1L;

    ReplacedFolderException(Path path) {
      super(path + " was replaced by another folder");
    }
  }
}
