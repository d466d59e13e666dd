package dev.countersign.options.settings;

import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.StoreUri;
import java.util.Optional;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;

/**
 * Places that Flink reads and writes itself, such as folders of results. Flink takes any scheme for
 * which Hadoop finds a class, http among them; here the rule of {@link Storages} holds, unless
 * Flink has a file system of its own for the scheme, as from a plugin.
 */
public final class FlinkPlaces {

  private FlinkPlaces() {}

  /** Returns why a place cannot be used, for the user; empty if it can. Sends no request. */
  public static Optional<String> fault(String uri) {
    String scheme = StoreUri.parse(uri).scheme();
    if (scheme.isEmpty()
        || FileSystem.getRegisteredFileSystemFactories().stream()
            .map(FileSystemFactory::getScheme)
            .anyMatch(scheme::equals)) {
      return Optional.empty();
    }
    try {
      Storages.requireFileSystem(uri);
      return Optional.empty();
    } catch (StorageException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Does nothing if an option names a place that can be used.
   *
   * @throws UsageException if not
   */
  public static void requireUsable(DeclaredOption<?> option, String uri) {
    Optional<String> fault = fault(uri);
    if (fault.isPresent()) {
      throw UsageException.of("%s: %s", option.flag(), fault.get());
    }
  }
}
