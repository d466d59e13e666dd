package dev.countersign.keys;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.math.ec.ECPoint;

/**
 * A public key in a PEM file: SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) of an EC, RSA or
 * Ed25519 key, or an RSA key in the older form of PKCS#1.
 */
public final class PublicKeyFile {

  private PublicKeyFile() {}

  /**
   * Reads a key file from the local disk.
   *
   * @param path the file
   * @throws KeyFormatException if the file cannot be read, holds no public key that models can be
   *     verified with, or holds a private key
   */
  public static PublicKey load(String path) throws KeyFormatException {
    return read(new KeySource(KeySource.Role.PUBLIC_KEY, path).read(), path);
  }

  /**
   * Reads a key from a PEM text.
   *
   * @param pem the text, at most 1 MiB; not kept
   * @param source how messages name it: the path, as a rule
   * @throws KeyFormatException if the text holds no public key that models can be verified with, or
   *     holds a private key: what verifies is handed about freely, so that must not pass unnoticed
   */
  public static PublicKey read(byte[] pem, String source) throws KeyFormatException {
    KeySource where = new KeySource(KeySource.Role.PUBLIC_KEY, source);
    List<PemBlock> blocks = PemReader.read(pem, where);
    try {
      return decode(onlyPublicKey(blocks, where), where);
    } finally {
      blocks.forEach(PemBlock::wipe);
    }
  }

  /**
   * Reads a key that is kept elsewhere than in a file.
   *
   * @param der SubjectPublicKeyInfo; not kept
   * @param source how messages name it
   * @throws KeyFormatException if models cannot be verified with it
   */
  public static PublicKey ofDer(byte[] der, String source) throws KeyFormatException {
    return decode(
        new PemBlock(PemBlock.PUBLIC_KEY, Map.of(), der),
        new KeySource(KeySource.Role.PUBLIC_KEY, source));
  }

  /**
   * Returns a key as OpenSSL writes it: lines of 64 characters that end in a line feed, the last
   * one too.
   */
  public static String pem(PublicKey key) {
    byte[] encoded = PemBlock.write(PemBlock.PUBLIC_KEY, key.getEncoded());
    return new String(encoded, StandardCharsets.US_ASCII);
  }

  private static PemBlock onlyPublicKey(List<PemBlock> blocks, KeySource source)
      throws KeyFormatException {
    if (blocks.stream().anyMatch(PemBlock::isPrivateKey)) {
      throw source.refuse(
          "holds a private key",
          Remedy.of(
              "This file is for %s, which signs. Write its public key with: %s",
              Setting.PRIVATE_KEY, ShellCommand.PUBLIC_KEY_OF_PRIVATE));
    }
    List<PemBlock> found = blocks.stream().filter(PemBlock::isPublicKey).toList();
    if (found.size() > 1) {
      throw source.refuse(
          "holds " + found.size() + " public keys, and only one is taken from a file",
          Remedy.of("Keep one key in a file, and repeat %s for each.", Setting.PUBLIC_KEY));
    }
    if (found.size() == 1) {
      return found.get(0);
    }
    if (blocks.stream().anyMatch(PemBlock::isCertificate)) {
      throw source.refuse(
          "holds a certificate",
          "Write its public key with: " + ShellCommand.PUBLIC_KEY_OF_CERTIFICATE);
    }
    throw source.refuse(
        "holds no public key, but " + blocks.get(0).label(),
        Remedy.of("Give a public key to %s.", Setting.PUBLIC_KEY));
  }

  private static PublicKey decode(PemBlock block, KeySource source) throws KeyFormatException {
    try {
      return switch (block.label()) {
        case PemBlock.PUBLIC_KEY ->
            decode(
                SubjectPublicKeyInfo.getInstance(Der.sequence(block.der())), block.label(), source);
        case PemBlock.PKCS1_PUBLIC_KEY ->
            RsaKeyParts.publicKey(Der.sequence(block.der()), block.label(), source);
        default -> throw UnsupportedKey.ofLabel(block.label(), source);
      };
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      throw source.damaged(block.label());
    }
  }

  private static PublicKey decode(SubjectPublicKeyInfo info, String label, KeySource source)
      throws GeneralSecurityException, IOException, KeyFormatException {
    ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
    ASN1Encodable parameters = info.getAlgorithm().getParameters();
    if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      EcCurve curve = EcCurve.of(parameters, source);
      ECPoint point = curve.domain().getCurve().decodePoint(info.getPublicKeyData().getOctets());
      if (point.isInfinity()) {
        throw source.damaged(label);
      }
      return curve.publicKey(point.normalize());
    }
    if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      if (!RsaKeyParts.allowsParameters(parameters)) {
        throw source.damaged(label);
      }
      return RsaKeyParts.publicKey(ASN1Sequence.getInstance(info.parsePublicKey()), label, source);
    }
    if (algorithm.equals(EdECObjectIdentifiers.id_Ed25519)) {
      return Ed25519KeyParts.publicKey(info);
    }
    throw UnsupportedKey.ofAlgorithm(algorithm, source);
  }
}
