package dev.countersign.keys;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;

/**
 * Makes a certificate of hostile bytes, such as those in a bundle.
 *
 * <p>The JDK's parser takes what is not DER, passes over what follows, also reads PEM and PKCS#7,
 * and is not declared to throw what it throws. So it sees only bytes that are one value in DER.
 */
public final class CertificateDecoder {

  /** A certificate takes one or two KiB; those with thousands of names stay below this. */
  private static final int MAX_BYTES = 1 << 16;

  private CertificateDecoder() {}

  /**
   * Returns the one certificate that the bytes hold. That it is well formed says nothing about who
   * made it.
   *
   * @param der the certificate, at most 64 KiB; not changed and not kept
   * @throws CertificateException if the bytes hold anything else, less or more. The message is a
   *     clause that may follow a name of the bytes, and quotes none of them
   */
  public static X509Certificate decode(byte[] der) throws CertificateException {
    if (der.length > MAX_BYTES) {
      throw new CertificateException("it is larger than 64 KiB, the limit");
    }
    if (!isOneValue(der)) {
      throw new CertificateException("it is not exactly one value in DER");
    }
    try {
      Certificate certificate =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
      if (certificate instanceof X509Certificate x509
          && Arrays.equals(x509.getEncoded(), der)
          && isSignatureOfWholeBytes(der)) {
        return x509;
      }
    } catch (CertificateException | RuntimeException e) {
      // Their words may quote the bytes.
    }
    throw new CertificateException(
        unreadableCurve(der)
            .map(name -> "its key is on " + name + ", and such keys cannot be read here")
            .orElse("it is not an X.509 certificate that can be read here"));
  }

  /**
   * The JDK masks bits that a BIT STRING calls unused, so that a signature that ends in zero bits
   * has several encodings.
   */
  private static boolean isSignatureOfWholeBytes(byte[] der) {
    return org.bouncycastle.asn1.x509.Certificate.getInstance(der).getSignature().getPadBits() == 0;
  }

  /** Returns the curve of the certificate's key if the JDK cannot read keys on it. */
  static Optional<String> unreadableCurve(byte[] der) {
    try {
      byte[] key =
          org.bouncycastle.asn1.x509.Certificate.getInstance(der)
              .getSubjectPublicKeyInfo()
              .getEncoded();
      return EcCurve.nameIn(key).filter(name -> !isReadable(key));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static boolean isReadable(byte[] key) {
    try {
      // Of the JDK: other providers, which the libraries for Sigstore add, read more curves.
      Provider jdk = Security.getProviders("KeyFactory.EC")[0];
      PublicKey unused =
          KeyFactory.getInstance("EC", jdk).generatePublic(new X509EncodedKeySpec(key));
      return true;
    } catch (GeneralSecurityException | RuntimeException e) {
      return false;
    }
  }

  /**
   * One departure from DER passes, since real issuers make it and the signature covers it: members
   * of a SET that are not sorted.
   */
  private static boolean isOneValue(byte[] der) {
    try {
      ASN1Primitive value = Der.any(der, MAX_BYTES);
      return value instanceof ASN1Sequence && Arrays.equals(value.getEncoded(ASN1Encoding.DL), der);
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }
}
