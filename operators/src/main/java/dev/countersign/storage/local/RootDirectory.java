package dev.countersign.storage.local;

import dev.countersign.storage.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory below which files are opened without following a single link, whoever swaps what for
 * a link meanwhile: each name on the way is opened relative to the directory before it, which is
 * held.
 *
 * <p>The directory of the last file stays open, so that the next file beside it costs no walk.
 * Where the platform cannot open relative to a directory, paths are checked to be without links
 * instead, which leaves a moment for a swap.
 */
final class RootDirectory implements Closeable {

  private final Path root;
  private @Nullable Path openPath;
  private @Nullable SecureDirectoryStream<Path> open;

  /**
   * Makes a root; nothing is opened yet.
   *
   * @param root real path
   */
  RootDirectory(Path root) {
    this.root = root;
  }

  Path path() {
    return root;
  }

  /** What a file must be before it is opened, as opening a pipe would wait for a writer. */
  @FunctionalInterface
  interface Requirement {
    void require(BasicFileAttributes found) throws StorageException;
  }

  /**
   * A file that was opened.
   *
   * @param fileKey which one; null if the file system has no keys
   */
  record OpenedFile(SeekableByteChannel channel, @Nullable Object fileKey) {}

  /**
   * Opens a file.
   *
   * @param file absolute, below the root
   * @throws IOException if anything on the way is a link
   * @throws StorageException if the file is not as required
   */
  OpenedFile openFile(Path file, Requirement requirement) throws IOException, StorageException {
    Path parent = Objects.requireNonNull(file.getParent(), "a file below a root has a parent");
    Path name = file.getFileName();
    SecureDirectoryStream<Path> directory = directory(parent);
    if (directory == null && !parent.equals(parent.toRealPath())) {
      throw new ReplacedException();
    }
    BasicFileAttributes found =
        directory == null
            ? Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            : attributes(directory, name);
    requirement.require(found);
    Set<OpenOption> options = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    return new OpenedFile(
        directory == null
            ? Files.newByteChannel(file, options)
            : directory.newByteChannel(name, options),
        found.fileKey());
  }

  /**
   * Returns whether a path below the root is that of a file or directory.
   *
   * @param fileKey which file or directory it must be; null if the file system has no keys
   * @throws IOException if anything on the way is a link
   */
  boolean holds(Path path, @Nullable Object fileKey) throws IOException {
    Path parent = Objects.requireNonNull(path.getParent(), "what is below a root has a parent");
    SecureDirectoryStream<Path> directory = directory(parent);
    return directory == null
        ? path.equals(path.toRealPath())
        : Objects.equals(attributes(directory, path.getFileName()).fileKey(), fileKey);
  }

  @Override
  public void close() throws IOException {
    if (open != null) {
      open.close();
      open = null;
      openPath = null;
    }
  }

  /** Returns the directory, held open; null if the platform cannot hold directories. */
  private @Nullable SecureDirectoryStream<Path> directory(Path path) throws IOException {
    if (open != null && path.equals(openPath)) {
      return open;
    }
    close();
    SecureDirectoryStream<Path> current = open(root);
    if (current == null) {
      return null;
    }
    if (!path.equals(root)) {
      for (Path name : root.relativize(path)) {
        current = descend(current, name);
      }
    }
    open = current;
    openPath = path;
    return current;
  }

  /** Opens a directory by its path; null if the platform cannot hold directories. */
  @SuppressWarnings("StreamResourceLeak") // The caller holds it open.
  static @Nullable SecureDirectoryStream<Path> open(Path directory) throws IOException {
    DirectoryStream<Path> stream = Files.newDirectoryStream(directory);
    if (stream instanceof SecureDirectoryStream<Path> secure) {
      return secure;
    }
    stream.close();
    return null;
  }

  /** Opens a directory in another one, which is closed. */
  private static SecureDirectoryStream<Path> descend(SecureDirectoryStream<Path> from, Path name)
      throws IOException {
    try (from) {
      return openIn(from, name);
    }
  }

  /** Opens a directory in another one, without following a link. */
  static SecureDirectoryStream<Path> openIn(SecureDirectoryStream<Path> from, Path name)
      throws IOException {
    // Opening a pipe that took the directory's place would wait for a writer.
    if (!attributes(from, name).isDirectory()) {
      throw new NotDirectoryException(name.toString());
    }
    return from.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
  }

  /** Returns the attributes of something in a directory, without following a link. */
  static BasicFileAttributes attributes(SecureDirectoryStream<Path> directory, Path name)
      throws IOException {
    return directory
        .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes();
  }

  /** Something else lies where the file was. */
  static final class ReplacedException extends IOException {
    private static final long serialVersionUID = 1L;

    ReplacedException() {
      super("replaced by something else");
    }
  }
}
