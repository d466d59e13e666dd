package dev.countersign.verification;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/** The fingerprint of a certificate: SHA-256 over its DER, in lower-case hexadecimal. */
public final class CertificateDigest {

  private CertificateDigest() {}

  /**
   * Returns the fingerprint: 64 characters, as {@code openssl x509 -fingerprint -sha256} has it.
   */
  public static String of(X509Certificate certificate) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was decoded can be encoded", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
