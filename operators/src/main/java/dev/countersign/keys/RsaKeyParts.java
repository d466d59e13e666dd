package dev.countersign.keys;

import dev.countersign.text.Message;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.jspecify.annotations.Nullable;

/**
 * The public half of RSA keys: which of them models may be signed with (OMS algorithm registry).
 */
public final class RsaKeyParts {

  /** Bits of the smallest modulus. */
  static final int MIN_BITS = 2048;

  /** Bits of the largest modulus. */
  static final int MAX_BITS = 4096;

  /** Every tool makes 65537; a longer exponent only costs the verifier time. */
  private static final int MAX_EXPONENT_BITS = 32;

  private static final int MIN_EXPONENT = 3;

  /** The remedy for a key outside the limits. */
  static final String MAKE_ANOTHER = "Make another key with: " + ShellCommand.MAKE_RSA;

  private RsaKeyParts() {}

  /**
   * Returns whether models may be signed with the pair that a key belongs to: a modulus of 2048 to
   * 4096 bits, an odd exponent from 3 to 32 bits, and no restriction to PSS.
   */
  public static boolean isUsable(RSAPublicKey key) {
    return key.getAlgorithm().equals("RSA")
        && hasUsableSize(key.getModulus())
        && key.getModulus().testBit(0)
        && faultOfExponent(key.getPublicExponent()).isEmpty();
  }

  /** Returns whether the algorithm may have these parameters: NULL or none (RFC 3279, 2.3.1). */
  static boolean allowsParameters(@Nullable ASN1Encodable parameters) {
    return parameters == null || DERNull.INSTANCE.equals(parameters);
  }

  /**
   * Returns a key of its ASN.1, {@code RSAPublicKey} (RFC 8017, appendix A.1.1).
   *
   * @param label of the PEM block that holds it
   * @throws KeyFormatException if models cannot be signed with such a key
   * @throws IllegalArgumentException if the ASN.1 is something else
   */
  static PublicKey publicKey(ASN1Sequence numbers, String label, KeySource source)
      throws GeneralSecurityException, KeyFormatException {
    if (numbers.size() != 2) {
      throw new IllegalArgumentException("Not two numbers");
    }
    BigInteger modulus = ASN1Integer.getInstance(numbers.getObjectAt(0)).getValue();
    BigInteger exponent = ASN1Integer.getInstance(numbers.getObjectAt(1)).getValue();
    check(modulus, exponent, label, source);
    return publicKey(modulus, exponent);
  }

  static PublicKey publicKey(BigInteger modulus, BigInteger exponent)
      throws GeneralSecurityException {
    return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
  }

  /** Refuses numbers that are no key, or one that models cannot be signed with. */
  static void check(BigInteger modulus, BigInteger exponent, String label, KeySource source)
      throws KeyFormatException {
    if (modulus.signum() <= 0 || !modulus.testBit(0)) {
      throw source.damaged(label);
    }
    if (!hasUsableSize(modulus)) {
      throw source.refuse(
          Message.of(
              "holds an RSA key of %d bits, and models are signed with %d to %d",
              modulus.bitLength(), MIN_BITS, MAX_BITS),
          MAKE_ANOTHER);
    }
    Optional<String> fault = faultOfExponent(exponent);
    if (fault.isPresent()) {
      throw source.refuse("holds an RSA key " + fault.get(), MAKE_ANOTHER);
    }
  }

  /** Returns what is wrong with a public exponent, as "whose ..."; empty if it may be used. */
  public static Optional<String> faultOfExponent(BigInteger exponent) {
    if (exponent.bitLength() > MAX_EXPONENT_BITS) {
      return Optional.of(
          Message.of(
              "whose public exponent is %d bits long, and %d is the limit",
              exponent.bitLength(), MAX_EXPONENT_BITS));
    }
    return exponent.testBit(0) && exponent.compareTo(BigInteger.valueOf(MIN_EXPONENT)) >= 0
        ? Optional.empty()
        : Optional.of(
            Message.of(
                "whose public exponent is %d, and it must be odd and at least %d",
                exponent, MIN_EXPONENT));
  }

  private static boolean hasUsableSize(BigInteger modulus) {
    return modulus.bitLength() >= MIN_BITS && modulus.bitLength() <= MAX_BITS;
  }
}
