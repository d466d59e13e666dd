package dev.countersign.storage.local;

import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.FolderEntry;
import dev.countersign.storage.GlobWalk;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** The files of this host. */
final class LocalStorage implements ModelStorage {

  private static final int PIECE_BYTES = 1 << 16;

  @Override
  public ModelListing list(String modelUri, ListingRules rules) throws StorageException {
    return LocalListing.of(modelUri, rules);
  }

  @Override
  public String fingerprint(String modelUri, ListingRules rules) throws StorageException {
    return LocalListing.fingerprint(modelUri, rules);
  }

  @Override
  public ModelReader openModel(String modelUri, List<String> symlinkRoots) {
    return new LocalModelReader(modelUri, symlinkRoots);
  }

  @Override
  public Optional<StoredObject> stat(String uri) throws StorageException {
    try {
      LocalAttributes found = LocalAttributes.of(LocalPaths.of(uri));
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
    try {
      Path path = LocalPaths.of(uri);
      LocalAttributes found = LocalAttributes.of(path);
      if (!found.isFile()) {
        throw new StorageException(
            StorageException.Kind.UNREADABLE,
            uri,
            String.format(
                Locale.ROOT, "%s is no regular file. Name the file itself.", Printable.of(uri)));
      }
      int most = (int) Math.min(maxBytes, Integer.MAX_VALUE - 16);
      if (found.length() > most) {
        throw new StorageException(
            StorageException.Kind.LIMIT_EXCEEDED,
            uri,
            String.format(
                Locale.ROOT,
                "%s has more than %d bytes, which is the limit. Raise the limit if you trust the"
                    + " file.",
                Printable.of(uri),
                most));
      }
      // A file's length is a promise: one under /proc says 0 and may go on for ever.
      byte[] content = new byte[(int) found.length()];
      try (InputStream input = Files.newInputStream(path)) {
        if (!fill(content, input) || input.read() >= 0) {
          throw LocalFaults.changed(
              uri,
              String.format(
                  Locale.ROOT,
                  "has more or fewer than the %d bytes it had before",
                  content.length));
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
  public void sweepTemporaries(String uri) throws StorageException {
    new LocalFileWriter(uri).sweep();
  }

  @Override
  public void delete(String uri) throws StorageException {
    new LocalFileWriter(uri).delete();
  }

  @Override
  public List<String> glob(String pattern, GlobWalk.Blocked blocked) throws StorageException {
    return GlobWalk.expand(pattern, new LocalFolders(), blocked);
  }

  @Override
  public void visitFolder(String folderUri, Consumer<FolderEntry> visitor) throws StorageException {
    LocalFolders.visit(folderUri, visitor);
  }

  @Override
  public AtomicOutput create(String uri, PinnedFolder folder) throws StorageException {
    return new LocalFileWriter(uri).open(1, folder);
  }
}
