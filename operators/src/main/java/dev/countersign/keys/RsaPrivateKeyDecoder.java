package dev.countersign.keys;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.RSAPrivateCrtKeySpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;

/**
 * Makes a key pair of the ASN.1 of an RSA private key (RFC 8017, appendix A.1.2).
 *
 * <p>The file states the public key beside the private one, and each of the eight numbers follows
 * from the two primes and the exponent. All are compared: a wrong modulus would put a wrong hint
 * into every bundle, and a wrong one of the others gives away a prime with the first signature.
 */
final class RsaPrivateKeyDecoder {

  private static final BigInteger TWO_PRIMES = BigInteger.ZERO;
  private static final BigInteger MORE_PRIMES = BigInteger.ONE;

  private final KeySource source;
  private final String label;

  RsaPrivateKeyDecoder(KeySource source, String label) {
    this.source = source;
    this.label = label;
  }

  RSAPrivateKey parsePkcs1(byte[] der) throws KeyFormatException {
    try {
      return RSAPrivateKey.getInstance(Der.sequence(der));
    } catch (RuntimeException e) {
      throw source.damaged(label);
    }
  }

  KeyPair ofPkcs8(PrivateKeyInfo info) throws KeyFormatException {
    try {
      RsaKeyParts.checkParameters(info.getPrivateKeyAlgorithm().getParameters());
    } catch (IllegalArgumentException e) {
      throw source.damaged(label);
    }
    return ofPkcs1(parsePkcs1(info.getPrivateKey().getOctets()));
  }

  KeyPair ofPkcs1(RSAPrivateKey key) throws KeyFormatException {
    checkVersion(key);
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
      throw source.damaged(label);
    }
  }

  private void checkVersion(RSAPrivateKey key) throws KeyFormatException {
    if (key.getVersion().equals(MORE_PRIMES)) {
      throw source.refuse("holds an RSA key of more than two primes", RsaKeyParts.MAKE_ANOTHER);
    }
    if (!key.getVersion().equals(TWO_PRIMES)) {
      throw source.damaged(label);
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
}
