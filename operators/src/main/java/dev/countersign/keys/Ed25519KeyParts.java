package dev.countersign.keys;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** The public half of Ed25519 keys: points as their 32 bytes (RFC 8032, section 5.1.2). */
public final class Ed25519KeyParts {

  private Ed25519KeyParts() {}

  /**
   * Returns the 32 bytes of a key; empty if it is none of Ed25519, or is one of the points under
   * which signatures prove nothing: those of small order, and those with a part of it.
   */
  public static Optional<byte[]> point(PublicKey key) {
    if (!(key instanceof EdECPublicKey edwards)
        || !edwards.getParams().getName().equals(NamedParameterSpec.ED25519.getName())) {
      return Optional.empty();
    }
    try {
      byte[] point = point(SubjectPublicKeyInfo.getInstance(Der.sequence(key.getEncoded())));
      return Optional.of(point).filter(bytes -> Ed25519.validatePublicKeyFull(bytes, 0));
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns a key of its ASN.1 (RFC 8410, section 4).
   *
   * @throws IllegalArgumentException if the ASN.1 is something else, or no point that may be a key
   */
  static PublicKey publicKey(SubjectPublicKeyInfo info) throws GeneralSecurityException {
    if (info.getAlgorithm().getParameters() != null) {
      throw new IllegalArgumentException("Ed25519 has no parameters");
    }
    byte[] point = point(info);
    if (!Ed25519.validatePublicKeyFull(point, 0)) {
      throw new IllegalArgumentException("Not a point of the group");
    }
    return publicKey(point);
  }

  static PublicKey publicKey(byte[] point) throws GeneralSecurityException {
    try {
      byte[] der =
          new SubjectPublicKeyInfo(new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519), point)
              .getEncoded(ASN1Encoding.DER);
      return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    } catch (IOException e) {
      throw new IllegalStateException("A key could not be encoded", e);
    }
  }

  private static byte[] point(SubjectPublicKeyInfo info) {
    ASN1BitString bits = info.getPublicKeyData();
    if (bits.getPadBits() != 0 || bits.getBytesLength() != Ed25519.PUBLIC_KEY_SIZE) {
      throw new IllegalArgumentException("Not 32 bytes");
    }
    return bits.getOctets();
  }
}
