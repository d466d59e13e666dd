package dev.countersign.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of the files that hold what is written until it is complete. Each attempt to write has a
 * name of its own, so that two writers of one file never share a temporary file.
 *
 * <p>A name is {@code .countersign-tmp-HOST-PID-RANDOM}, in hexadecimal. Host and process say
 * whether the writer has ended; elsewhere only the file's age does.
 */
public final class TemporaryNames {

  /** What all names begin with. */
  public static final String PREFIX = ".countersign-tmp-";

  /** No writer takes that long to complete one file. */
  static final Duration STALE = Duration.ofHours(1);

  private static final Pattern NAME =
      Pattern.compile(Pattern.quote(PREFIX) + "([0-9a-f]{16})-([0-9a-f]{1,16})-[0-9a-f]{32}");

  private static final HexFormat HEX = HexFormat.of();
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Identifies the processes that can see each other's ids: one kernel's, in one namespace. */
  private static final String HOST = host();

  private TemporaryNames() {}

  /** Returns a name that no other writer has. */
  public static String next() {
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    return PREFIX
        + HOST
        + '-'
        + Long.toHexString(ProcessHandle.current().pid())
        + '-'
        + HEX.formatHex(random);
  }

  /** Returns whether {@code path}, which may have several segments, ends in such a name. */
  public static boolean isTemporary(String path) {
    int start = path.lastIndexOf('/') + 1;
    return path.startsWith(PREFIX, start) && NAME.matcher(path.substring(start)).matches();
  }

  /** Returns whether a temporary file is so old that its writer has surely given up. */
  public static boolean isStale(long modifiedMillis) {
    return System.currentTimeMillis() - modifiedMillis > STALE.toMillis();
  }

  /**
   * Returns whether the process that made a temporary file is known to have ended. It must have run
   * under this process's account: others' processes may be hidden.
   */
  public static boolean isAbandoned(String name) {
    Matcher parts = NAME.matcher(name);
    return parts.matches()
        && parts.group(1).equals(HOST)
        && ProcessHandle.of(Long.parseUnsignedLong(parts.group(2), 16)).isEmpty();
  }

  private static String host() {
    try (InputStream input = Files.newInputStream(Path.of("/proc/sys/kernel/random/boot_id"))) {
      String boot = new String(input.readNBytes(64), StandardCharsets.US_ASCII);
      String namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest((boot + " " + namespace).getBytes(StandardCharsets.UTF_8));
      return HEX.formatHex(digest, 0, 8);
    } catch (IOException e) {
      // Not Linux: only age tells.
      byte[] random = new byte[8];
      RANDOM.nextBytes(random);
      return HEX.formatHex(random);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
