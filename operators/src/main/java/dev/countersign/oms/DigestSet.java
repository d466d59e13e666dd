package dev.countersign.oms;

import org.jspecify.annotations.Nullable;

/** The digests that a statement gives of one subject: an object of algorithm to digest. */
final class DigestSet {

  private static final String SHA256 = "sha256";

  private DigestSet() {}

  /** Returns the SHA-256 in the set that {@code in} is on, or null if there is none. */
  static @Nullable Digest readSha256(JsonInput in) throws OmsException {
    Digest digest = null;
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      if (!field.equals(SHA256)) {
        in.skip();
        continue;
      }
      digest = in.digest();
      if (digest.length() != HashAlgorithm.SHA256.digestLength()) {
        throw in.fault("has " + digest.length() + " bytes, where SHA-256 has 32");
      }
    }
    return digest;
  }
}
