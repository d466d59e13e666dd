package dev.countersign.verification;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Optional;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;

/**
 * An ECDSA signature, read from strict DER (RFC 3279, section 2.2.3; X.690, section 10).
 *
 * <p>Libraries differ in which departures from DER they accept, and each of them gives one
 * signature a second spelling. Bouncy Castle's strict encoding accepts the bytes only if the two
 * numbers encode to the same bytes again; it accepts zero, which is refused here.
 *
 * @param r positive
 * @param s positive
 */
record DerSignature(BigInteger r, BigInteger s) {

  /** More than P-521 takes, which is 139; also bounds how deep hostile bytes can nest. */
  private static final int MAX_BYTES = 255;

  /** Returns the signature; empty if the bytes are not the DER of two positive numbers. */
  static Optional<DerSignature> parse(byte[] der) {
    if (der.length > MAX_BYTES) {
      return Optional.empty();
    }
    try {
      BigInteger[] numbers = StandardDSAEncoding.INSTANCE.decode(null, der);
      return numbers[0].signum() > 0 && numbers[1].signum() > 0
          ? Optional.of(new DerSignature(numbers[0], numbers[1]))
          : Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
