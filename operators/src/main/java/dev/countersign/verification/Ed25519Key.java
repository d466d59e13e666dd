package dev.countersign.verification;

import dev.countersign.keys.Ed25519KeyParts;
import java.security.interfaces.EdECPublicKey;
import java.util.Optional;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * A key of Ed25519 (RFC 8032). Two forms of signature verify: Ed25519ph, over the SHA-512 of the
 * message and with an empty context, which is what clients write; and pure Ed25519, over the
 * message itself. In the encoding of release 0.2.0 only the pure form verifies, as in the Go
 * client. No signature is valid in both forms, since the first also signs a prefix that names it.
 *
 * <p>Only {@link #of} makes checked keys, under which a signature proves something; the constructor
 * takes any point.
 */
record Ed25519Key(Ed25519.PublicPoint point) implements VerifyingKey {

  private static final byte[] NO_CONTEXT = {};

  /** Returns the key; empty if signatures under it would prove nothing. */
  static Optional<Ed25519Key> of(EdECPublicKey key) {
    return Ed25519KeyParts.point(key)
        .map(bytes -> Ed25519.validatePublicKeyFullExport(bytes, 0))
        .map(Ed25519Key::new);
  }

  @Override
  public boolean verifies(SignedMessage message, byte[] signature) {
    if (signature.length != Ed25519.SIGNATURE_SIZE) {
      return false;
    }
    boolean prehashed =
        message.pae().isPresent()
            && Ed25519.verifyPrehash(
                signature, 0, point, NO_CONTEXT, message.digest(SignedMessage.SHA_512), 0);
    return prehashed
        || message
            .whole()
            .filter(bytes -> Ed25519.verify(signature, 0, point, bytes, 0, bytes.length))
            .isPresent();
  }
}
