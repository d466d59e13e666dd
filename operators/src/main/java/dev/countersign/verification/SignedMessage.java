package dev.countersign.verification;

import dev.countersign.oms.Envelope;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a signature is over, with its digests, each of which is made when it is first asked for and
 * then kept. Not thread safe.
 */
public final class SignedMessage {

  static final String SHA_256 = "SHA-256";
  static final String SHA_512 = "SHA-512";

  /** Empty for the encoding of release 0.2.0. */
  private final Optional<byte[]> pae;

  /** Makes the message where it is signed as it stands. */
  private final Supplier<Optional<byte[]>> whole;

  private final Map<String, byte[]> digests = new HashMap<>();

  private SignedMessage(Optional<byte[]> pae, Supplier<Optional<byte[]>> whole) {
    this.pae = pae;
    this.whole = whole;
  }

  /**
   * Returns a message.
   *
   * @param pae the pre-authentication encoding of an envelope; neither copied nor changed
   */
  public static SignedMessage of(byte[] pae) {
    return new SignedMessage(Optional.of(pae), () -> Optional.of(pae));
  }

  /**
   * Returns an envelope's payload as release 0.2.0 of the reference client encoded it; empty if the
   * payload is not of that release.
   */
  static Optional<SignedMessage> ofRelease020(Envelope envelope) {
    return LegacyPae.mayApply(envelope.payload())
        ? Optional.of(ofRelease020(envelope.payloadType(), envelope.payload()))
        : Optional.empty();
  }

  static SignedMessage ofRelease020(String payloadType, byte[] payload) {
    SignedMessage message =
        new SignedMessage(Optional.empty(), () -> LegacyPae.encode(payloadType, payload));
    message.digests.put(SHA_256, LegacyPae.digest(payloadType, payload));
    return message;
  }

  /** Returns the encoding of DSSE; empty if the message is in the encoding of release 0.2.0. */
  Optional<byte[]> pae() {
    return pae;
  }

  /**
   * Returns the message in either encoding, for algorithms that sign it without a digest; empty if
   * it is longer than any statement makes it. That of release 0.2.0 is made at each call.
   */
  Optional<byte[]> whole() {
    return whole.get();
  }

  /**
   * Returns a digest that ECDSA signs.
   *
   * @param algorithm its JCA name. Release 0.2.0 has SHA-256 in place of all others
   */
  byte[] ecdsaDigest(String algorithm) {
    return digest(pae.isPresent() ? algorithm : SHA_256);
  }

  /**
   * Returns a digest of {@link #pae()}, which must be there.
   *
   * @param algorithm its JCA name
   */
  byte[] digest(String algorithm) {
    return digests.computeIfAbsent(algorithm, missing -> digest(missing, pae.orElseThrow()));
  }

  /** The JDK's digests use the processor's instructions: SHA-256 is seven times as fast so. */
  private static byte[] digest(String algorithm, byte[] message) {
    try {
      return MessageDigest.getInstance(algorithm).digest(message);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JVM has no " + algorithm, e);
    }
  }
}
