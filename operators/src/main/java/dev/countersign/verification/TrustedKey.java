package dev.countersign.verification;

import dev.countersign.keys.KeyHint;
import dev.countersign.keys.PublicKeyFile;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.Arrays;

/**
 * A public key that the caller trusts, with the names that a bundle may call it by.
 *
 * @param hint its hint
 * @param encoded the key itself
 * @param key the key made ready for use
 */
record TrustedKey(String hint, PublicKey encoded, VerifyingKey key) {

  static TrustedKey of(PublicKey key) {
    VerifyingKey prepared =
        VerifyingKey.of(key)
            .orElseThrow(
                () -> new IllegalArgumentException("Not a key that models are signed with"));
    return new TrustedKey(KeyHint.of(key), key, prepared);
  }

  /**
   * Returns whether these bytes, out of a bundle, are this key's SubjectPublicKeyInfo in DER, or
   * its PEM as the reference client's 1.0.0 wrote it. They are compared only: parsing a hostile key
   * would gain nothing, since it is not trusted anyway.
   */
  boolean isEncodedAs(byte[] rawBytes) {
    return Arrays.equals(rawBytes, encoded.getEncoded())
        || Arrays.equals(rawBytes, PublicKeyFile.pem(encoded).getBytes(StandardCharsets.US_ASCII));
  }
}
