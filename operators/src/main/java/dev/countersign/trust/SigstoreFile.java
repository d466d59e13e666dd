package dev.countersign.trust;

import dev.countersign.oms.Sha256;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Public file that describes an instance of Sigstore, in JSON.
 *
 * @param source how messages and the run record name the file: its path, as a rule
 * @param content its bytes, not parsed yet; never modified
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode go by content
public record SigstoreFile(String source, byte[] content) implements Serializable {

  /** Maximum size of such a file. Those of the public instance have some 10 KiB. */
  public static final int MAX_MEBIBYTES = 16;

  /** Returns the digest of the content, in hexadecimal. */
  public String sha256() {
    return Sha256.hex(content);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SigstoreFile that
        && source.equals(that.source)
        && Arrays.equals(content, that.content);
  }

  @Override
  public int hashCode() {
    return 31 * source.hashCode() + Arrays.hashCode(content);
  }
}
