package dev.countersign.storage.local;

import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.FolderEntry;
import dev.countersign.storage.FolderEntry.Kind;
import dev.countersign.storage.GlobPattern;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingSummary;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The files of this host. */
final class LocalStorage implements ModelStorage, GlobPattern.Folders {

  private static final int PIECE_BYTES = 1 << 16;

  @Override
  public ModelListing list(String modelUri, ListingRules rules) throws StorageException {
    return LocalListing.of(modelUri, rules);
  }

  @Override
  public ListingSummary summarize(String modelUri, ListingRules rules) throws StorageException {
    return LocalListing.summarize(modelUri, rules);
  }

  @Override
  public ModelReader openModel(String modelUri, List<String> symlinkRoots) {
    return new LocalModelReader(modelUri, symlinkRoots);
  }

  @Override
  public Optional<StoredObject> stat(String uri) throws StorageException {
    return find(uri, LocalPaths.of(uri));
  }

  /** Returns what is stored at a path, links followed; empty if nothing is. */
  static Optional<StoredObject> find(String uri, Path path) throws StorageException {
    try {
      LocalAttributes found = LocalAttributes.of(path);
      return Optional.of(
          new StoredObject(
              uri, found.kind(), found.length(), found.modifiedMillis(), found.version()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      if (LocalFaults.isNoDirectory(e)) {
        return Optional.empty();
      }
      throw LocalFaults.reading(uri, e);
    }
  }

  @Override
  public byte[] readFully(String uri, long maxBytes) throws StorageException {
    return readFully(uri, Long.MAX_VALUE, maxBytes);
  }

  @Override
  public byte[] readFully(StoredObject found, long maxBytes) throws StorageException {
    return readFully(found.uri(), found.length(), maxBytes);
  }

  private static byte[] readFully(String uri, long expected, long maxBytes)
      throws StorageException {
    try {
      Path path = LocalPaths.of(uri);
      LocalAttributes found = LocalAttributes.of(path);
      if (!found.isFile()) {
        throw StorageException.notRegular(uri);
      }
      int most = (int) Math.min(maxBytes, Integer.MAX_VALUE - 16);
      if (found.length() > most) {
        throw StorageException.tooLarge(uri, most);
      }
      if (found.length() > expected) {
        throw StorageException.longer(uri, expected);
      }
      // A file's length is a promise: one under /proc says 0 and may go on for ever.
      byte[] content = new byte[(int) found.length()];
      try (InputStream input = Files.newInputStream(path)) {
        if (!fill(content, input) || input.read() >= 0) {
          throw StorageException.changed(
              uri, "has more or fewer than the %d bytes it had before", content.length);
        }
      }
      return content;
    } catch (IOException e) {
      throw LocalFaults.reading(uri, e);
    }
  }

  /**
   * Fills an array; false if the input ends before. In pieces: for what it is asked for at once,
   * the channel takes as much memory outside the heap, and keeps it for this thread.
   */
  private static boolean fill(byte[] content, InputStream input) throws IOException {
    int filled = 0;
    while (filled < content.length) {
      int read = input.read(content, filled, Math.min(PIECE_BYTES, content.length - filled));
      if (read < 0) {
        return false;
      }
      filled += read;
    }
    return true;
  }

  @Override
  public void writeAtomically(String uri, byte[] content, PinnedFolder folder)
      throws StorageException {
    new LocalFileWriter(uri).write(content, folder);
  }

  @Override
  public PinnedFolder pin(String uri) throws StorageException {
    return new LocalFileWriter(uri).pin();
  }

  @Override
  public PinnedFolder pinBeside(String uri, String modelUri, String identity)
      throws StorageException {
    return new LocalFileWriter(uri).pinBeside(modelUri, identity);
  }

  @Override
  public PinnedFolder pinBelow(String uri, String folderUri) throws StorageException {
    return new LocalFileWriter(uri).pinBelow(folderUri);
  }

  @Override
  public void sweepTemporaries(String uri, PinnedFolder folder) throws StorageException {
    new LocalFileWriter(uri).sweep(folder);
  }

  @Override
  public void delete(String uri, PinnedFolder folder) throws StorageException {
    new LocalFileWriter(uri).delete(folder);
  }

  @Override
  public AtomicOutput create(String uri, PinnedFolder folder) throws StorageException {
    return new LocalFileWriter(uri).open(1, folder);
  }

  @Override
  public List<String> glob(String pattern, GlobPattern.Blocked blocked) throws StorageException {
    return GlobPattern.expand(pattern, this, blocked);
  }

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

  @Override
  public void visitFolder(String folderUri, Consumer<FolderEntry> visitor) throws StorageException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(LocalPaths.of(folderUri))) {
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
      throw LocalFaults.reading(folderUri, LocalFaults.cause(e));
    } catch (IOException e) {
      throw LocalFaults.tooLongOr(folderUri, LocalFaults.reading(folderUri, e));
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
    return StorageException.of(
        StorageException.Kind.NAME,
        uri,
        "%s in %s has a name that is not valid UTF-8, so it cannot be a model. Rename it.",
        Printable.of(LocalPaths.escapedFileName(entry)),
        Printable.of(uri));
  }
}
