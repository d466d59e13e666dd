package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** Any bytes are the one encoding of a certificate, or a {@link CertificateException}. */
final class CertificateDecoderFuzzTest {

  @FuzzTest
  void fuzz(byte[] der) throws CertificateException {
    byte[] before = der.clone();
    X509Certificate certificate;
    try {
      certificate = CertificateDecoder.decode(der);
    } catch (CertificateException e) {
      assertThat(e.getMessage())
          .matches("(?s)it(s key)? is .*")
          .doesNotContainPattern("\\p{Cntrl}");
      return;
    }
    assertThat(der).as("the caller's bytes").isEqualTo(before);
    assertThat(certificate.getEncoded()).as("what was signed").isEqualTo(der);
    assertThat(CertificateDecoder.decode(certificate.getEncoded())).isEqualTo(certificate);
  }
}
