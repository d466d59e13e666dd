package dev.countersign.storage.local;

import dev.countersign.storage.GlobWalk;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.ShownText;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The files of this host. */
final class LocalStorage implements ModelStorage {

  @Override
  public ModelListing list(String modelUri, ListingRules rules) throws StorageException {
    return LocalListing.of(modelUri, rules);
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
                Locale.ROOT, "%s is no regular file. Name the file itself.", ShownText.of(uri)));
      }
      int most = (int) Math.min(maxBytes, Integer.MAX_VALUE - 16);
      byte[] content = found.length() <= most ? content(path, (int) found.length(), most) : null;
      if (content == null) {
        throw new StorageException(
            StorageException.Kind.LIMIT_EXCEEDED,
            uri,
            String.format(
                Locale.ROOT,
                "%s has more than %d bytes, which is the limit. Raise the limit if you trust the file.",
                ShownText.of(uri),
                most));
      }
      return content;
    } catch (IOException e) {
      throw LocalFaults.reading(uri, e);
    }
  }

  /**
   * Returns a file's content, or null if it has more than {@code most} bytes after all.
   *
   * @param expected how many it should have, so that no room is made twice for a large file
   */
  private static byte @Nullable [] content(Path path, int expected, int most) throws IOException {
    try (InputStream input = Files.newInputStream(path)) {
      byte[] content = new byte[expected];
      int length = input.readNBytes(content, 0, expected);
      byte[] more = input.readNBytes(most + 1 - length);
      if (more.length > most - length) {
        return null;
      }
      if (length == expected && more.length == 0) {
        return content;
      }
      byte[] whole = Arrays.copyOf(content, length + more.length);
      System.arraycopy(more, 0, whole, length, more.length);
      return whole;
    }
  }

  @Override
  public void writeAtomically(String uri, byte[] content) throws StorageException {
    new LocalFileWriter(uri).write(content);
  }

  @Override
  public void removeStaleTemporary(String uri) throws StorageException {
    new LocalFileWriter(uri).removeTemporary();
  }

  @Override
  public List<String> glob(String pattern) throws StorageException {
    return GlobWalk.expand(pattern, new LocalFolders());
  }
}
