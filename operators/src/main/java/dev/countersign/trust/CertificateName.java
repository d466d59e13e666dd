package dev.countersign.trust;

import dev.countersign.text.Printable;
import java.security.cert.X509Certificate;
import java.util.Map;
import javax.security.auth.x500.X500Principal;

/** How messages name a certificate. */
final class CertificateName {

  /** PKCS #9's emailAddress, which RFC 2253's form has as a number and in hex. */
  private static final Map<String, String> KEYWORDS =
      Map.of("1.2.840.113549.1.9.1", "emailAddress");

  private CertificateName() {}

  /** Returns the certificate's subject; its serial number if it has none. */
  static String of(X509Certificate certificate) {
    X500Principal subject = certificate.getSubjectX500Principal();
    return subject.getName().isEmpty()
        ? "(no subject, serial number " + certificate.getSerialNumber().toString(16) + ")"
        : of(subject);
  }

  static String of(X500Principal name) {
    return Printable.of(name.getName(X500Principal.RFC2253, KEYWORDS));
  }
}
