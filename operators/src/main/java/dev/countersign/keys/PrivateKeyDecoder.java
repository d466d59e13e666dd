package dev.countersign.keys;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * Makes a key pair of the ASN.1 of a private key: PKCS#8 (RFC 5958), SEC 1 (RFC 5915) or PKCS#1
 * (RFC 8017, appendix A.1.2).
 *
 * <p>The public key of EC and Ed25519 is always computed, never taken from the file: a wrong one
 * there would put a wrong hint into every bundle.
 *
 * @param label of the PEM block that holds the key, for messages
 */
record PrivateKeyDecoder(KeySource source, String label) {

  private static final BigInteger TWO_PRIMES = BigInteger.ZERO;
  private static final BigInteger MORE_PRIMES = BigInteger.ONE;

  PrivateKeyInfo parsePkcs8(byte[] der) throws KeyFormatException {
    return parsed(() -> PrivateKeyInfo.getInstance(Der.sequence(der)));
  }

  ECPrivateKey parseSec1(byte[] der) throws KeyFormatException {
    return parsed(() -> ECPrivateKey.getInstance(Der.sequence(der)));
  }

  RSAPrivateKey parsePkcs1(byte[] der) throws KeyFormatException {
    return parsed(() -> RSAPrivateKey.getInstance(Der.sequence(der)));
  }

  private <T> T parsed(Supplier<T> parser) throws KeyFormatException {
    try {
      return parser.get();
    } catch (RuntimeException e) {
      throw damaged();
    }
  }

  KeyPair ofPkcs8(PrivateKeyInfo info) throws KeyFormatException {
    ASN1ObjectIdentifier algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
    ASN1Encodable parameters = info.getPrivateKeyAlgorithm().getParameters();
    if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return ec(parseSec1(info.getPrivateKey().getOctets()), parameters);
    }
    if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      if (!RsaKeyParts.allowsParameters(parameters)) {
        throw damaged();
      }
      return ofPkcs1(parsePkcs1(info.getPrivateKey().getOctets()));
    }
    if (algorithm.equals(EdECObjectIdentifiers.id_Ed25519)) {
      return ed25519(info);
    }
    throw UnsupportedKey.ofAlgorithm(algorithm, source);
  }

  /**
   * @param all the blocks of the file: the curve may stand in one of its own, before the key
   */
  KeyPair ofSec1(ECPrivateKey key, List<PemBlock> all) throws KeyFormatException {
    Optional<ASN1Encodable> parameters =
        parsed(
            () ->
                Optional.<ASN1Encodable>ofNullable(key.getParametersObject())
                    .or(
                        () ->
                            all.stream()
                                .filter(block -> block.is(PemBlock.EC_PARAMETERS))
                                .findFirst()
                                .map(block -> Der.any(block.der()))));
    return ec(key, parameters.orElse(null));
  }

  private KeyPair ec(ECPrivateKey key, @Nullable ASN1Encodable parameters)
      throws KeyFormatException {
    EcCurve curve = EcCurve.of(parameters, source);
    try {
      BigInteger secret = key.getKey();
      if (secret.signum() <= 0 || secret.compareTo(curve.domain().getN()) >= 0) {
        throw damaged();
      }
      ECPoint point =
          new FixedPointCombMultiplier().multiply(curve.domain().getG(), secret).normalize();
      ASN1BitString stated = key.getPublicKey();
      if (stated != null
          && !point.equals(curve.domain().getCurve().decodePoint(stated.getOctets()))) {
        throw source.ofTwoPairs();
      }
      return new KeyPair(
          curve.publicKey(point),
          KeyFactory.getInstance("EC")
              .generatePrivate(new ECPrivateKeySpec(secret, curve.jdkParameters())));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw damaged();
    }
  }

  /** RFC 8410, section 7. */
  private KeyPair ed25519(PrivateKeyInfo info) throws KeyFormatException {
    byte[] seed = new byte[0];
    try {
      if (info.getPrivateKeyAlgorithm().getParameters() != null) {
        throw damaged();
      }
      seed = ASN1OctetString.getInstance(Der.any(info.getPrivateKey().getOctets())).getOctets();
      if (seed.length != Ed25519.SECRET_KEY_SIZE) {
        throw damaged();
      }
      byte[] point = new byte[Ed25519.PUBLIC_KEY_SIZE];
      Ed25519.generatePublicKey(seed, 0, point, 0);
      // Version 2 of PKCS#8 may state the public key beside the private one.
      ASN1BitString stated = info.hasPublicKey() ? info.getPublicKeyData() : null;
      if (stated != null && !Arrays.equals(stated.getOctets(), point)) {
        throw source.ofTwoPairs();
      }
      return new KeyPair(
          Ed25519KeyParts.publicKey(point),
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed)));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw damaged();
    } finally {
      Arrays.fill(seed, (byte) 0);
    }
  }

  /**
   * The file states the public key beside the private one, and each of the eight numbers follows
   * from the two primes and the exponent. All are compared: a wrong modulus would put a wrong hint
   * into every bundle, and a wrong one of the others gives away a prime with the first signature.
   */
  KeyPair ofPkcs1(RSAPrivateKey key) throws KeyFormatException {
    if (key.getVersion().equals(MORE_PRIMES)) {
      throw source.refuse("holds an RSA key of more than two primes", RsaKeyParts.MAKE_ANOTHER);
    }
    if (!key.getVersion().equals(TWO_PRIMES)) {
      throw damaged();
    }
    RsaKeyParts.check(key.getModulus(), key.getPublicExponent(), label, source);
    if (!fitsTogether(key)) {
      throw source.refuse(
          "holds an RSA key whose numbers do not fit together",
          "The file is damaged or was tampered with; fetch a fresh copy of it.");
    }
    try {
      return new KeyPair(
          RsaKeyParts.publicKey(key.getModulus(), key.getPublicExponent()),
          KeyFactory.getInstance("RSA")
              .generatePrivate(
                  new RSAPrivateCrtKeySpec(
                      key.getModulus(),
                      key.getPublicExponent(),
                      key.getPrivateExponent(),
                      key.getPrime1(),
                      key.getPrime2(),
                      key.getExponent1(),
                      key.getExponent2(),
                      key.getCoefficient())));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw damaged();
    }
  }

  /** Whether the primes are prime is not asked: signatures of a key where they are not fail. */
  private static boolean fitsTogether(RSAPrivateKey key) {
    BigInteger p = key.getPrime1();
    BigInteger q = key.getPrime2();
    BigInteger d = key.getPrivateExponent();
    if (p.compareTo(BigInteger.TWO) <= 0
        || q.compareTo(BigInteger.TWO) <= 0
        || p.equals(q)
        || !p.multiply(q).equals(key.getModulus())
        || d.signum() <= 0
        || d.compareTo(key.getModulus()) >= 0) {
      return false;
    }
    BigInteger underP = p.subtract(BigInteger.ONE);
    BigInteger underQ = q.subtract(BigInteger.ONE);
    BigInteger both = d.multiply(key.getPublicExponent());
    return both.mod(underP).equals(BigInteger.ONE)
        && both.mod(underQ).equals(BigInteger.ONE)
        && key.getExponent1().equals(d.mod(underP))
        && key.getExponent2().equals(d.mod(underQ))
        && key.getCoefficient().signum() > 0
        && key.getCoefficient().compareTo(p) < 0
        && key.getCoefficient().multiply(q).mod(p).equals(BigInteger.ONE);
  }

  private KeyFormatException damaged() {
    return source.damaged(label);
  }
}
