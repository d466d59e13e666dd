package dev.countersign.storage.local;

import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageProvider;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Takes absolute paths without a scheme. Made by {@link java.util.ServiceLoader}. */
public final class LocalStorageProvider implements StorageProvider {

  private final LocalStorage storage = new LocalStorage();

  @Override
  public boolean takes(String uri) {
    return uri.startsWith("/");
  }

  @Override
  public ModelStorage storage(String uri, Map<String, String> settings) {
    return storage;
  }

  @Override
  public void requireFileSystem(String uri, Map<String, String> settings) {
    // Each host has one.
  }

  @Override
  public boolean namesStore(String uri, Map<String, String> settings) {
    return true;
  }

  @Override
  public String resolveLinks(String uri) throws StorageException {
    Path path = LocalPaths.of(uri);
    for (Path above = path; above != null; above = above.getParent()) {
      Optional<Path> real = realPath(above);
      if (real.isPresent()) {
        Path place = real.get().resolve(above.relativize(path)).normalize();
        return LocalPaths.text(place).orElse(uri);
      }
    }
    return uri;
  }

  @Override
  public String replaced(String uri) throws StorageException {
    Path path = LocalPaths.of(uri);
    try {
      if (LocalAttributes.of(path).kind() == StoredObject.Kind.OTHER) {
        throw LocalFaults.special(uri);
      }
    } catch (IOException e) {
      // Nothing that a file could replace; writing says what is wrong with its folder.
    }
    if (!Files.isSymbolicLink(path)) {
      return uri;
    }
    return realPath(path)
        .flatMap(LocalPaths::text)
        .orElseThrow(
            () ->
                StorageException.of(
                    StorageException.Kind.NOT_WRITABLE,
                    uri,
                    "%s is a link that leads to no file that could be replaced. Name the file"
                        + " itself.",
                    Printable.of(uri)));
  }

  /** Returns where a path leads; empty if it is missing or out of reach. */
  private static Optional<Path> realPath(Path path) {
    try {
      return Optional.of(path.toRealPath());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
