package dev.countersign.storage.local;

import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageProvider;
import java.io.IOException;
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

  /** Returns where a path leads; empty if it is missing or out of reach. */
  private static Optional<Path> realPath(Path path) {
    try {
      return Optional.of(path.toRealPath());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
