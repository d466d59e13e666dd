package dev.countersign.verification;

import dev.countersign.keys.Certificates;
import dev.countersign.oms.Sha256;
import java.security.cert.X509Certificate;

/** The fingerprint of a certificate: SHA-256 over its DER, in lower-case hexadecimal. */
public final class CertificateDigest {

  private CertificateDigest() {}

  /**
   * Returns the fingerprint: 64 characters, as {@code openssl x509 -fingerprint -sha256} has it.
   */
  public static String of(X509Certificate certificate) {
    return Sha256.hex(Certificates.encoded(certificate));
  }
}
