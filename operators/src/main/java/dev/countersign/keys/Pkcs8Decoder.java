package dev.countersign.keys;

import java.security.KeyPair;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Makes a key pair of a private key in PKCS#8 (RFC 5958), whatever its algorithm is. */
final class Pkcs8Decoder {

  private final KeySource source;
  private final String label;

  Pkcs8Decoder(KeySource source, String label) {
    this.source = source;
    this.label = label;
  }

  PrivateKeyInfo parse(byte[] der) throws KeyFormatException {
    try {
      return PrivateKeyInfo.getInstance(Der.sequence(der));
    } catch (RuntimeException e) {
      throw source.damaged(label);
    }
  }

  KeyPair keyPair(PrivateKeyInfo info) throws KeyFormatException {
    ASN1ObjectIdentifier algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
    if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return new EcPrivateKeyDecoder(source, label).ofPkcs8(info);
    }
    if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return new RsaPrivateKeyDecoder(source, label).ofPkcs8(info);
    }
    if (algorithm.equals(EdECObjectIdentifiers.id_Ed25519)) {
      return new Ed25519PrivateKeyDecoder(source, label).ofPkcs8(info);
    }
    throw UnsupportedKey.ofAlgorithm(algorithm, source);
  }
}
