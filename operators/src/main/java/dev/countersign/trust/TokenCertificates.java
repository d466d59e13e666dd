package dev.countersign.trust;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.tsp.TimeStampToken;
import org.jspecify.annotations.Nullable;

/** The certificates that came with a timestamp, as the JDK has them. */
final class TokenCertificates {

  private TokenCertificates() {}

  /** Returns those that the JDK can read, in the order of the token. */
  static List<X509Certificate> of(TimeStampToken token) {
    List<X509Certificate> certificates = new ArrayList<>();
    for (X509CertificateHolder holder : token.getCertificates().getMatches(null)) {
      @Nullable X509Certificate certificate = read(holder);
      if (certificate != null) {
        certificates.add(certificate);
      }
    }
    return certificates;
  }

  /** Returns the certificate as Bouncy Castle has it. */
  static X509CertificateHolder holder(X509Certificate certificate) {
    try {
      return new X509CertificateHolder(certificate.getEncoded());
    } catch (CertificateEncodingException | IOException e) {
      throw new IllegalStateException("The JDK read what it cannot write", e);
    }
  }

  private static @Nullable X509Certificate read(X509CertificateHolder holder) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(holder.getEncoded()));
    } catch (CertificateException | IOException | RuntimeException e) {
      // It comes from who wrote the bundle; what cannot be read is not there.
      return null;
    }
  }
}
