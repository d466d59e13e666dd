package dev.countersign.verification;

import dev.countersign.keys.RsaKeyParts;
import java.io.IOException;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.DigestInfo;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.encodings.PKCS1Encoding;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.params.RSAKeyParameters;

/**
 * A key of RSA with PKCS#1 v1.5 and SHA-256 (RFC 8017, section 8.2).
 *
 * <p>Bouncy Castle takes the padding off, and what it leaves is compared as a whole with what a
 * signer puts there. Nothing in it is parsed, which is where forgeries under small exponents came
 * from; and the digest need not be made again for each key, as in the JDK.
 *
 * <p>Only {@link #of} makes checked keys, within the limits of {@link RsaKeyParts#isUsable}; the
 * constructor takes any.
 */
record RsaKey(RSAKeyParameters parameters) implements VerifyingKey {

  private static final AlgorithmIdentifier SHA_256 =
      new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);

  /** Returns the key; empty if it is outside the limits of {@link RsaKeyParts#isUsable}. */
  static Optional<RsaKey> of(RSAPublicKey key) {
    if (!RsaKeyParts.isUsable(key)) {
      return Optional.empty();
    }
    // Whether the modulus is a product of primes is not asked: that takes as long as hundreds of
    // verifications, and a signer who makes a weak key, or publishes one, is not kept from it so.
    return Optional.of(
        new RsaKey(new RSAKeyParameters(false, key.getModulus(), key.getPublicExponent(), true)));
  }

  @Override
  public boolean verifies(SignedMessage message, byte[] signature) {
    int signatureBytes = (parameters.getModulus().bitLength() + Byte.SIZE - 1) / Byte.SIZE;
    if (message.pae().isEmpty() || signature.length != signatureBytes) {
      return false;
    }
    PKCS1Encoding verifier = new PKCS1Encoding(new RSAEngine());
    verifier.init(false, parameters);
    try {
      byte[] signed = verifier.processBlock(signature, 0, signature.length);
      return Arrays.equals(signed, digestInfo(message.digest(SignedMessage.SHA_256)));
    } catch (CryptoException | RuntimeException e) {
      return false;
    }
  }

  private static byte[] digestInfo(byte[] digest) {
    try {
      return new DigestInfo(SHA_256, digest).getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new IllegalStateException("A digest could not be encoded", e);
    }
  }
}
