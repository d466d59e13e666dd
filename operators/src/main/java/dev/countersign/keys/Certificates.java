package dev.countersign.keys;

import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Between DER and the JDK's certificates, of such as {@link CertificateDecoder} took before. */
public final class Certificates {

  private Certificates() {}

  /**
   * Returns the certificates, in the same order.
   *
   * @throws IllegalArgumentException if one was never decoded before
   */
  public static List<X509Certificate> ofTaken(List<byte[]> encoded) {
    List<X509Certificate> certificates = new ArrayList<>(encoded.size());
    for (byte[] der : encoded) {
      try {
        certificates.add(CertificateDecoder.decode(der));
      } catch (CertificateException e) {
        throw new IllegalArgumentException("a certificate that was read before cannot be read", e);
      }
    }
    return certificates;
  }

  /** Returns a certificate in DER. */
  public static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read cannot be encoded", e);
    }
  }
}
