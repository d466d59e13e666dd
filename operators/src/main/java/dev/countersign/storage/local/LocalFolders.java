package dev.countersign.storage.local;

import dev.countersign.storage.FolderEntry;
import dev.countersign.storage.FolderEntry.Kind;
import dev.countersign.storage.GlobWalk;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Local folders: what lies in them, and what a pattern of models is matched against. */
final class LocalFolders implements GlobWalk.Folders {

  @Override
  public List<String> names(String uri, Predicate<String> wanted, boolean foldersOnly)
      throws StorageException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(LocalPaths.of(uri))) {
      for (Path entry : entries) {
        Optional<String> name = LocalPaths.fileName(entry);
        if (!wanted.test(name.orElseGet(() -> entry.getFileName().toString()))
            || (foldersOnly && !Files.isDirectory(entry))) {
          continue;
        }
        names.add(name.orElseThrow(() -> notUtf8(uri, entry)));
      }
      return names;
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw LocalFaults.reading(uri, LocalFaults.cause(e));
    } catch (IOException e) {
      throw LocalFaults.reading(uri, e);
    }
  }

  @Override
  public boolean exists(String uri, boolean folderOnly) throws StorageException {
    try {
      Path path = LocalPaths.of(uri);
      return LocalAttributes.of(path, LinkOption.NOFOLLOW_LINKS) != null
          && (!folderOnly || Files.isDirectory(path));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      if (LocalFaults.isNoDirectory(e)) {
        return false;
      }
      throw LocalFaults.reading(uri, e);
    }
  }

  /** Passes on what lies in a folder. */
  static void visit(String uri, Consumer<FolderEntry> visitor) throws StorageException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(LocalPaths.of(uri))) {
      for (Path entry : entries) {
        Optional<Kind> kind = kind(entry);
        if (kind.isPresent()) {
          Optional<String> name = LocalPaths.fileName(entry);
          visitor.accept(
              new FolderEntry(
                  name.orElseGet(() -> LocalPaths.escapedFileName(entry)),
                  kind.get(),
                  name.isPresent()));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw LocalFaults.reading(uri, LocalFaults.cause(e));
    } catch (IOException e) {
      throw LocalFaults.tooLongOr(uri, LocalFaults.reading(uri, e));
    }
  }

  /** Returns what an entry is; empty if it was deleted since its folder was read. */
  private static Optional<Kind> kind(Path entry) throws IOException {
    LocalAttributes found;
    try {
      found = LocalAttributes.of(entry, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (!found.link()) {
      return Optional.of(kind(found, Kind.FILE, Kind.FOLDER));
    }
    try {
      return Optional.of(kind(LocalAttributes.of(entry), Kind.LINKED_FILE, Kind.LINKED_FOLDER));
    } catch (IOException e) {
      return Optional.of(Kind.OTHER); // It leads nowhere, in a circle, or out of reach.
    }
  }

  private static Kind kind(LocalAttributes found, Kind ofFile, Kind ofFolder) {
    if (found.isFile()) {
      return ofFile;
    }
    return found.isDirectory() ? ofFolder : Kind.OTHER;
  }

  private static StorageException notUtf8(String uri, Path entry) {
    return new StorageException(
        StorageException.Kind.NAME,
        uri,
        String.format(
            Locale.ROOT,
            "%s in %s has a name that is no UTF-8, so it cannot be a model. Rename it.",
            Printable.of(LocalPaths.escapedFileName(entry)),
            Printable.of(uri)));
  }
}
