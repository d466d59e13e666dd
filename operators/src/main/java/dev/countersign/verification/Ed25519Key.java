package dev.countersign.verification;

import dev.countersign.keys.Ed25519KeyParts;
import java.security.interfaces.EdECPublicKey;
import java.util.Optional;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * A key of Ed25519 (RFC 8032). The clients of OMS sign in two ways with it, and both are taken:
 * Ed25519ph, over the SHA-512 of the message and with an empty context, and Ed25519 over the
 * message itself. No signature is one of both, since the first also signs a prefix that says so.
 */
final class Ed25519Key implements VerifyingKey {

  private static final byte[] NO_CONTEXT = {};

  private final Ed25519.PublicPoint point;

  private Ed25519Key(Ed25519.PublicPoint point) {
    this.point = point;
  }

  /** Returns the key; empty if signatures under it would prove nothing. */
  static Optional<Ed25519Key> of(EdECPublicKey key) {
    return Ed25519KeyParts.point(key)
        .map(bytes -> Ed25519.validatePublicKeyFullExport(bytes, 0))
        .map(Ed25519Key::new);
  }

  @Override
  public boolean verifies(SignedMessage message, byte[] signature) {
    if (message.pae().isEmpty() || signature.length != Ed25519.SIGNATURE_SIZE) {
      return false;
    }
    byte[] pae = message.pae().get();
    return Ed25519.verifyPrehash(
            signature, 0, point, NO_CONTEXT, message.digest(SignedMessage.SHA_512), 0)
        || Ed25519.verify(signature, 0, point, pae, 0, pae.length);
  }
}
