package dev.countersign.pkcs11;

import dev.countersign.keys.PassphraseSource;
import dev.countersign.process.ProcessValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * What all jobs of this process must know about tokens. Each job has a class loader and static
 * fields of its own, so notes are values of system properties, of types of the JDK.
 *
 * <p>Others can read them. So where a PIN was kept is noted, never the PIN or a digest of it: one
 * of four digits is found in no time from any digest.
 */
final class ProcessNotes {

  private static final String PREFIX = "pkcs11.";

  private ProcessNotes() {}

  /**
   * State of the place where a PIN is kept.
   *
   * @param name file or variable
   * @param version changes whenever the file is written; variables of a process never change
   */
  record PinOrigin(String name, String version) {

    /** Looks at the place now, before the PIN is read. */
    static PinOrigin of(PassphraseSource source) {
      return new PinOrigin(source.name(), source.file().isEmpty() ? "" : version(source.file()));
    }

    private static String version(String file) {
      try {
        Path path = Path.of(file);
        return Files.getLastModifiedTime(path)
            + " "
            + (path.getFileSystem().supportedFileAttributeViews().contains("unix")
                ? Files.getAttribute(path, "unix:ctime")
                : "");
      } catch (IOException | InvalidPathException e) {
        return ""; // Whoever reads it says why it cannot be read.
      }
    }
  }

  /** Returns a semaphore with a name, which the first job that asks for it makes. */
  static Semaphore semaphore(String name, int permits) {
    return ProcessValues.semaphore(PREFIX + name, permits);
  }

  /** Returns whose only permit somebody holds while it logs in to a token, or out. */
  static Semaphore turn(String module, long slot) {
    return semaphore("turn/" + slot + module, 1);
  }

  /** Notes that a token refused the PIN that was kept there. */
  static void noteRefused(Token.Place place, PinOrigin origin) {
    refused().put(key(place, origin), origin.version());
  }

  /** Forgets what {@link #noteRefused} noted. */
  static void noteAccepted(Token.Place place, PinOrigin origin) {
    refused().remove(key(place, origin));
  }

  /** Returns whether a token refused the PIN that is kept there, and it has not been changed. */
  static boolean isRefused(Token.Place place, PinOrigin origin) {
    return origin.version().equals(refused().get(key(place, origin)));
  }

  private static List<String> key(Token.Place place, PinOrigin origin) {
    return List.of(place.module(), Long.toString(place.slot()), place.serial(), origin.name());
  }

  @SuppressWarnings("unchecked") // Only this class puts anything under that name.
  private static Map<List<String>, @Nullable String> refused() {
    return (Map<List<String>, @Nullable String>)
        ProcessValues.of(PREFIX + "refused", Map.class, ConcurrentHashMap::new);
  }
}
