package dev.countersign.trust;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.RevocationListFile;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Printable;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * A file of certificate revocation lists: one in DER, or one or more in PEM.
 *
 * @param source how messages name the file: its path, as a rule
 * @param content its bytes, not parsed yet; never modified
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode go by content
public record CrlFile(String source, byte[] content) implements Serializable {

  /** The most that a file may hold: more than a million revoked certificates. */
  public static final int MAX_MEBIBYTES = 64;

  /**
   * Reads a file of at most 64 MiB from the local disk.
   *
   * @throws TrustException if the file cannot be read
   */
  public static CrlFile load(String path) throws TrustException {
    try {
      return new CrlFile(path, RevocationListFile.load(path));
    } catch (KeyFormatException e) {
      throw new TrustException(e);
    }
  }

  /** Returns the DER of each list in the file, at least one. */
  List<byte[]> lists() throws TrustException {
    try {
      return RevocationListFile.lists(content, source);
    } catch (KeyFormatException e) {
      throw new TrustException(e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CrlFile that
        && source.equals(that.source)
        && Arrays.equals(content, that.content);
  }

  @Override
  public int hashCode() {
    return 31 * source.hashCode() + Arrays.hashCode(content);
  }

  static TrustException refuse(String source, String problem, Remedy remedy) {
    return new TrustException(
        "Cannot use " + Printable.of(source) + " as a revocation list: it " + problem + ".",
        remedy);
  }
}
