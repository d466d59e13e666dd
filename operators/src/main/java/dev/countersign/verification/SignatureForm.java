package dev.countersign.verification;

import dev.countersign.oms.Envelope;
import java.util.Optional;

/** What bytes a signature is over. */
enum SignatureForm {
  /** DSSE's encoding of the payload. */
  DSSE,
  /** The encoding of the reference client's release 0.2.0, which goes with its statements alone. */
  LEGACY;

  /** Returns in which form the key signed the envelope; empty if in none. */
  static Optional<SignatureForm> of(Envelope envelope, VerifyingKey key) {
    if (key.verifies(SignedMessage.of(envelope.pae()), envelope.signature())) {
      return Optional.of(DSSE);
    }
    boolean legacy =
        LegacyPae.mayApply(envelope.payload())
            && key.verifies(
                SignedMessage.ofRelease020(envelope.payloadType(), envelope.payload()),
                envelope.signature());
    return legacy ? Optional.of(LEGACY) : Optional.empty();
  }
}
