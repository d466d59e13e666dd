package dev.countersign.storage;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Names of the files that hold a bundle which a run has replaced, in the bundle's folder, until the
 * run can no longer fall back to the time before.
 *
 * <p>A name is {@code .countersign-replaced-RUN-BUNDLE}: the run's id, and the first 16 hexadecimal
 * digits of the SHA-256 of the bundle's URI. So no two models have copies of one name, and where a
 * folder was replaced by a link to another model's, that one's copy is neither read nor deleted.
 */
public final class ReplacedNames {

  private static final String PREFIX = ".countersign-replaced-";

  private static final Pattern NAME =
      Pattern.compile(Pattern.quote(PREFIX) + "[0-9A-Za-z-]{1,100}-[0-9a-f]{16}");

  private ReplacedNames() {}

  /** Returns the URI of what a run replaces at {@code bundleUri}. */
  public static String uri(String bundleUri, String runId) {
    return Storages.child(Storages.parent(bundleUri), PREFIX + runId + "-" + digest(bundleUri));
  }

  /** Returns whether {@code path}, which may have several segments, ends in such a name. */
  public static boolean isReplaced(String path) {
    int start = path.lastIndexOf('/') + 1;
    return path.startsWith(PREFIX, start) && NAME.matcher(path.substring(start)).matches();
  }

  /** Returns whether {@code path} ends in the name of what the run {@code runId} has replaced. */
  public static boolean isReplacedBy(String path, String runId) {
    return isReplaced(path) && path.startsWith(PREFIX + runId + "-", path.lastIndexOf('/') + 1);
  }

  private static String digest(String uri) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(uri.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
