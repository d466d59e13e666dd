package dev.countersign.keys;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * Makes a key pair of the ASN.1 of an Ed25519 private key (RFC 8410, section 7), whose public key
 * is computed.
 */
final class Ed25519PrivateKeyDecoder {

  private final KeySource source;
  private final String label;

  Ed25519PrivateKeyDecoder(KeySource source, String label) {
    this.source = source;
    this.label = label;
  }

  KeyPair ofPkcs8(PrivateKeyInfo info) throws KeyFormatException {
    byte[] seed = new byte[0];
    try {
      if (info.getPrivateKeyAlgorithm().getParameters() != null) {
        throw source.damaged(label);
      }
      seed = ASN1OctetString.getInstance(Der.any(info.getPrivateKey().getOctets())).getOctets();
      if (seed.length != Ed25519.SECRET_KEY_SIZE) {
        throw source.damaged(label);
      }
      byte[] point = new byte[Ed25519.PUBLIC_KEY_SIZE];
      Ed25519.generatePublicKey(seed, 0, point, 0);
      checkPublicKey(info, point);
      return new KeyPair(
          Ed25519KeyParts.publicKey(point),
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed)));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw source.damaged(label);
    } finally {
      Arrays.fill(seed, (byte) 0);
    }
  }

  /** Version 2 of PKCS#8 (RFC 5958) may state the public key beside the private one. */
  private void checkPublicKey(PrivateKeyInfo info, byte[] computed) throws KeyFormatException {
    ASN1BitString stated = info.hasPublicKey() ? info.getPublicKeyData() : null;
    if (stated != null && !Arrays.equals(stated.getOctets(), computed)) {
      throw source.ofTwoPairs();
    }
  }
}
