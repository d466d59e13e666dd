package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.keys.CertificateFile.Use;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;

/** Any bytes as a file are certificates or a {@link KeyFormatException}, for each use. */
final class CertificateFileFuzzTest {

  @FuzzTest
  void fuzz(byte[] pem) throws KeyFormatException {
    for (Use use : Use.values()) {
      check(pem, use);
    }
  }

  private static void check(byte[] pem, Use use) throws KeyFormatException {
    List<X509Certificate> certificates;
    try {
      certificates = CertificateFile.read(pem, "fuzzed", use);
    } catch (KeyFormatException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return;
    }
    byte[] again = CertificateFile.pem(certificates).getBytes(StandardCharsets.US_ASCII);
    assertThat(CertificateFile.read(again, "written again", use))
        .isNotEmpty()
        .isEqualTo(certificates);
  }
}
