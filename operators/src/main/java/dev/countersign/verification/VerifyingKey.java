package dev.countersign.verification;

import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Optional;

/**
 * A public key, made ready to verify many signatures in the way of OMS: what is signed, and how a
 * signature is spelled, follow from the key alone. Implementations are thread safe.
 */
public sealed interface VerifyingKey permits EcdsaKey, RsaKey, Ed25519Key {

  /**
   * Returns the key; empty if it is not one that models are signed with: EC on P-256, P-384 or
   * P-521, RSA of 2048 to 4096 bits, or Ed25519.
   */
  static Optional<VerifyingKey> of(PublicKey key) {
    if (key instanceof ECPublicKey ec) {
      return EcdsaKey.of(ec).map(VerifyingKey.class::cast);
    }
    if (key instanceof RSAPublicKey rsa) {
      return RsaKey.of(rsa).map(VerifyingKey.class::cast);
    }
    if (key instanceof EdECPublicKey edwards) {
      return Ed25519Key.of(edwards).map(VerifyingKey.class::cast);
    }
    return Optional.empty();
  }

  /**
   * Returns whether this key signed a message.
   *
   * @param message what was signed; several keys may be tried on it, on one thread
   * @param signature the signature; hostile, not changed. Other spellings of a good signature are
   *     none
   */
  boolean verifies(SignedMessage message, byte[] signature);
}
