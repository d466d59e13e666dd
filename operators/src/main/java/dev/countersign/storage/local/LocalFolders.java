package dev.countersign.storage.local;

import dev.countersign.storage.GlobWalk;
import dev.countersign.storage.ShownText;
import dev.countersign.storage.StorageException;
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
import java.util.function.Predicate;

/** What a pattern of local models is matched against. */
final class LocalFolders implements GlobWalk.Folders {

  @Override
  public List<String> names(String uri, Predicate<String> wanted) throws StorageException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(LocalPaths.of(uri))) {
      for (Path entry : entries) {
        Optional<String> name = LocalPaths.fileName(entry);
        if (name.isEmpty() && wanted.test(entry.getFileName().toString())) {
          throw notUtf8(uri, entry);
        }
        name.filter(wanted).ifPresent(names::add);
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
  public boolean exists(String uri) throws StorageException {
    try {
      return LocalAttributes.of(LocalPaths.of(uri), LinkOption.NOFOLLOW_LINKS) != null;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      if (LocalFaults.isNoDirectory(e)) {
        return false;
      }
      throw LocalFaults.reading(uri, e);
    }
  }

  private static StorageException notUtf8(String uri, Path entry) {
    return new StorageException(
        StorageException.Kind.NAME,
        uri,
        String.format(
            Locale.ROOT,
            "%s in %s has a name that is no UTF-8, so it cannot be a model. Rename it.",
            ShownText.of(LocalPaths.escapedFileName(entry)),
            ShownText.of(uri)));
  }
}
