package dev.countersign.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.trust.TrustException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Any bytes as a bundle are what the signers of the committed bundles signed, or one of the
 * declared exceptions: whatever is changed, it never vouches for anything else.
 */
final class CertificateVerifierFuzzTest {

  private static final List<String> SIGNED =
      List.of(
          "python-1.1.1/certificate-p256.sig",
          "python-1.1.1/certificate-root-included.sig",
          "python-1.1.1/certificate-shards.sig",
          "python-0.2.0/certificate-p256.sig");

  /** Within the validity of those that sign them. */
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private static final CertificateVerifier VERIFIER = verifier();
  private static final Set<String> STATEMENTS = statements();

  @FuzzTest
  void fuzz(byte[] bundle) {
    verify(bundle).ifPresent(verified -> assertThat(STATEMENTS).contains(claim(verified)));
  }

  private static Optional<VerifiedBundle> verify(byte[] bundle) {
    try {
      return Optional.of(VERIFIER.verify(bundle));
    } catch (OmsException | VerificationException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return Optional.empty();
    }
  }

  private static Set<String> statements() {
    Set<String> statements = new HashSet<>();
    for (String name : SIGNED) {
      try {
        statements.add(claim(VERIFIER.verify(BundleFixtures.resource(name))));
      } catch (IOException | OmsException | VerificationException e) {
        throw new IllegalStateException(name, e);
      }
    }
    return statements;
  }

  private static String claim(VerifiedBundle verified) {
    return verified.signer() + " says " + new String(verified.payload(), StandardCharsets.UTF_8);
  }

  private static CertificateVerifier verifier() {
    try {
      return new CertificateVerifier(
          new CertificateVerificationSettings(
              certificates("/bundles/signers-1/root.pem"),
              false,
              certificates("/timestamps/openssl-root.pem"),
              List.of(),
              CertificateTime.NOW),
          OmsBounds.defaults(),
          Clock.fixed(NOW, ZoneOffset.UTC));
    } catch (GeneralSecurityException | IOException | KeyFormatException | TrustException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<byte[]> certificates(String name)
      throws GeneralSecurityException, IOException, KeyFormatException {
    try (InputStream in =
        Objects.requireNonNull(CertificateVerifierFuzzTest.class.getResourceAsStream(name), name)) {
      List<byte[]> certificates = new ArrayList<>();
      for (X509Certificate certificate :
          CertificateFile.read(in.readAllBytes(), name, CertificateFile.Use.CERTIFICATE_CHAIN)) {
        certificates.add(certificate.getEncoded());
      }
      return certificates;
    }
  }
}
