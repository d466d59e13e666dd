package dev.countersign.verification;

import dev.countersign.remedy.Setting;
import java.util.List;

/**
 * The public keys to verify with. A bundle passes if one of them signed it, so that a catalog in
 * the middle of a key rotation verifies.
 *
 * @param publicKeyPems each key as {@code keys.PublicKeyFile.pem} writes it; at least one
 */
public record KeyVerificationSettings(List<String> publicKeyPems) implements VerificationSettings {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public KeyVerificationSettings {
    publicKeyPems = List.copyOf(publicKeyPems);
    if (publicKeyPems.isEmpty()) {
      throw new IllegalArgumentException(
          "No public key to verify with; give " + Setting.PUBLIC_KEY);
    }
  }
}
