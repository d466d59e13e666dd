package dev.countersign.keys;

import dev.countersign.remedy.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads a file of keys, certificates or a passphrase from the local disk, or from a pipe such as
 * {@code /dev/fd/3}.
 */
final class KeyFile {

  private KeyFile() {}

  /** Returns the file's bytes, at most what its role allows; the caller wipes them if secret. */
  static byte[] read(KeySource source) throws KeyFormatException {
    Remedy check = source.role().check();
    try {
      Path path = Path.of(source.name());
      if (Files.isDirectory(path)) {
        throw source.refuse("is a directory", "Name a file within it.");
      }
      try (InputStream in = Files.newInputStream(path)) {
        byte[] bytes = in.readNBytes(source.role().maxBytes() + 1);
        if (bytes.length > source.role().maxBytes()) {
          throw source.tooLarge();
        }
        return bytes;
      }
    } catch (NoSuchFileException e) {
      throw source.refuse("does not exist on this machine", check);
    } catch (AccessDeniedException e) {
      throw source.refuse(
          "may not be read by this user", "Change its permissions, or run as its owner.");
    } catch (InvalidPathException e) {
      throw source.refuse("is not a valid path here", check);
    } catch (IOException e) {
      throw source.refuse("cannot be read (" + e.getClass().getSimpleName() + ")", check);
    }
  }
}
