package dev.countersign.verification;

import java.security.PublicKey;
import java.util.Optional;

/** ECDSA as OMS has it: the digest follows the curve, the signature is strict DER. */
public final class EcdsaSignatures {

  private EcdsaSignatures() {}

  /**
   * Returns whether a key signed a message.
   *
   * @param key the public key; one that is not on P-256, P-384 or P-521 has signed nothing
   * @param pae the message; not changed
   * @param der the signature; anything but the one DER of two numbers from 1 to the curve's order,
   *     exclusive, is no signature
   */
  public static boolean verify(PublicKey key, byte[] pae, byte[] der) {
    Optional<EcdsaKey> prepared = EcdsaKey.of(key);
    Optional<DerSignature> signature = DerSignature.parse(der);
    return prepared.isPresent()
        && signature.isPresent()
        && prepared.get().verifies(EcdsaKey.digest(prepared.get().curve(), pae), signature.get());
  }
}
