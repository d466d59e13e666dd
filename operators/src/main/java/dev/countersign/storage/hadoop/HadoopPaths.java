package dev.countersign.storage.hadoop;

import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import dev.countersign.text.StrictUtf8;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Names between URIs and Hadoop's {@code Path}, which reads a name with a colon as a scheme, and
 * silently drops empty segments. So a path is only ever made of its three parts, and must come out
 * as it went in.
 */
final class HadoopPaths {

  private HadoopPaths() {}

  static Path of(String uri) throws StorageException {
    StoreUri parts = StoreUri.parse(uri);
    if (uri.indexOf('\0') >= 0) {
      throw unusable(uri, null);
    }
    try {
      String authority = parts.authority().isEmpty() ? null : parts.authority();
      Path path = new Path(parts.scheme(), authority, parts.path());
      if (!path.toUri().getPath().equals(parts.path())) {
        throw unusable(uri, null);
      }
      return path;
    } catch (IllegalArgumentException e) {
      throw unusable(uri, e);
    }
  }

  /**
   * Returns the last name of something that was listed in a directory.
   *
   * @return empty if it is no plain name in that very directory, such as an object key with an
   *     empty segment, or no Unicode text
   */
  static String nameIn(Path directory, Path listed) {
    String folder = directory.toUri().getPath();
    String prefix = folder.endsWith("/") ? folder : folder + "/";
    String full = listed.toUri().getPath();
    if (!full.startsWith(prefix)) {
      return "";
    }
    String name = full.substring(prefix.length());
    boolean plain = name.indexOf('/') < 0 && !name.equals(".") && !name.equals("..");
    return plain && name.indexOf('\0') < 0 && StrictUtf8.length(name) >= 0 ? name : "";
  }

  private static StorageException unusable(String uri, @Nullable IllegalArgumentException cause) {
    return StorageException.of(
        StorageException.Kind.NAME,
        uri,
        cause,
        "Hadoop cannot address %s: its path is not a plain path. Rename it.",
        Printable.of(uri));
  }
}
