package dev.countersign.keys;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** New key pairs, and the PEM texts to keep them in. */
public final class KeyPairFiles {

  private KeyPairFiles() {}

  /**
   * Returns a new key pair from the JVM's strong random numbers.
   *
   * @param curve {@code P-256}, {@code P-384} or {@code P-521}
   * @throws IllegalArgumentException if there is no such curve
   */
  public static KeyPair generate(String curve) {
    EcCurve chosen =
        EcCurve.named(curve)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "There is no curve " + curve + " here; choose one of " + EcCurve.names()));
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(chosen.jdkParameters());
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JVM makes no keys on " + chosen.nistName(), e);
    }
  }

  /**
   * Returns a private key as PKCS#8 in PEM, with its public key inside as OpenSSL writes it. The
   * caller wipes the text.
   *
   * @param key an EC key on one of the curves of {@link EcCurve}
   * @param passphrase encrypts the key (PBES2: AES-256-CBC, PBKDF2 over HMAC-SHA-256); not kept and
   *     not wiped. Absent: the key is written in the clear
   * @throws IllegalArgumentException if the key is no such key, or the passphrase is empty
   */
  public static byte[] privatePem(PrivateKey key, Optional<char[]> passphrase) {
    if (passphrase.isPresent() && passphrase.get().length == 0) {
      throw new IllegalArgumentException("An empty passphrase protects nothing");
    }
    byte[] der = pkcs8(key);
    try {
      return passphrase.isPresent()
          ? PemBlock.write(
              PemBlock.ENCRYPTED_PKCS8,
              Pbes2.encrypt(der, passphrase.get()).getEncoded(ASN1Encoding.DER))
          : PemBlock.write(PemBlock.PKCS8, der);
    } catch (IOException e) {
      throw new IllegalStateException("A key could not be encoded", e);
    } finally {
      Arrays.fill(der, (byte) 0);
    }
  }

  private static byte[] pkcs8(PrivateKey key) {
    if (!(key instanceof ECPrivateKey ec)) {
      throw new IllegalArgumentException("Not an EC key, but " + key.getAlgorithm());
    }
    EcCurve curve =
        EcCurve.of(ec).orElseThrow(() -> new IllegalArgumentException("Not one of our curves"));
    BigInteger secret = ec.getS();
    byte[] point =
        new FixedPointCombMultiplier()
            .multiply(curve.domain().getG(), secret)
            .normalize()
            .getEncoded(false);
    try {
      return new PrivateKeyInfo(
              new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve.oid()),
              new org.bouncycastle.asn1.sec.ECPrivateKey(
                  curve.domain().getN().bitLength(), secret, new DERBitString(point), null))
          .getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new IllegalStateException("A key could not be encoded", e);
    }
  }
}
