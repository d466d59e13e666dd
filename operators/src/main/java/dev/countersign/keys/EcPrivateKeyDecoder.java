package dev.countersign.keys;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.ECPrivateKeySpec;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a key pair of the ASN.1 of an EC private key.
 *
 * <p>The public key is always computed, never taken from the file: a wrong one there would put a
 * wrong hint into every bundle.
 */
final class EcPrivateKeyDecoder {

  private final KeySource source;
  private final String label;

  EcPrivateKeyDecoder(KeySource source, String label) {
    this.source = source;
    this.label = label;
  }

  ECPrivateKey parseSec1(byte[] der) throws KeyFormatException {
    try {
      return ECPrivateKey.getInstance(Der.sequence(der));
    } catch (RuntimeException e) {
      throw damaged();
    }
  }

  KeyPair ofPkcs8(PrivateKeyInfo info) throws KeyFormatException {
    ECPrivateKey key;
    try {
      key = ECPrivateKey.getInstance(Der.sequence(info.getPrivateKey().getOctets()));
    } catch (RuntimeException e) {
      throw damaged();
    }
    return keyPair(key, info.getPrivateKeyAlgorithm().getParameters());
  }

  /**
   * @param all the blocks of the file: the curve may stand in one of its own, before the key
   */
  KeyPair ofSec1(ECPrivateKey key, List<PemBlock> all) throws KeyFormatException {
    ASN1Encodable inside = parameters(key);
    return keyPair(key, inside != null ? inside : parametersBlock(all));
  }

  private @Nullable ASN1Encodable parameters(ECPrivateKey key) throws KeyFormatException {
    try {
      return key.getParametersObject();
    } catch (RuntimeException e) {
      throw damaged();
    }
  }

  private @Nullable ASN1Encodable parametersBlock(List<PemBlock> all) throws KeyFormatException {
    Optional<PemBlock> block =
        all.stream().filter(candidate -> candidate.is(PemBlock.EC_PARAMETERS)).findFirst();
    try {
      return block.isPresent() ? Der.any(block.get().der()) : null;
    } catch (RuntimeException e) {
      throw damaged();
    }
  }

  private KeyPair keyPair(ECPrivateKey key, @Nullable ASN1Encodable parameters)
      throws KeyFormatException {
    EcCurve curve = EcKeyParts.curve(parameters, source);
    try {
      BigInteger secret = key.getKey();
      if (secret.signum() <= 0 || secret.compareTo(curve.domain().getN()) >= 0) {
        throw damaged();
      }
      ECPoint point =
          new FixedPointCombMultiplier().multiply(curve.domain().getG(), secret).normalize();
      checkPublicKey(key, curve, point);
      return new KeyPair(
          EcKeyParts.publicKey(curve, point),
          KeyFactory.getInstance("EC")
              .generatePrivate(new ECPrivateKeySpec(secret, curve.jdkParameters())));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw damaged();
    }
  }

  private void checkPublicKey(ECPrivateKey key, EcCurve curve, ECPoint computed)
      throws KeyFormatException {
    ASN1BitString stated = key.getPublicKey();
    if (stated != null
        && !computed.equals(curve.domain().getCurve().decodePoint(stated.getOctets()))) {
      throw source.ofTwoPairs();
    }
  }

  private KeyFormatException damaged() {
    return source.damaged(label);
  }
}
