package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.RevocationLists.Revocation;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Any bytes as a file are revocation lists or a {@link TrustException}, and revoke nothing that
 * their issuer did not sign; neither do any bytes under a good signature break anything. The first
 * byte says which.
 */
final class RevocationListsFuzzTest {

  private static final X509Certificate CERTIFICATE =
      FuzzedTrust.certificate("/bundles/signers-1/p256-leaf.pem");
  private static final ChainFaults FAULTS = new ChainFaults(CertificatePurpose.MODEL_SIGNING);
  private static final Issued ISSUER =
      CertificateForge.ca(CERTIFICATE.getIssuerX500Principal().getName()).issue();

  @FuzzTest
  void fuzz(byte[] input) throws GeneralSecurityException {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    if (input[0] == 's') {
      find(FuzzedTrust.signed(rest, ISSUER.keys().getPrivate()))
          .ifPresent(
              revocation -> {
                assertThat(revocation.effective()).isBeforeOrEqualTo(CertificateForge.NOW);
                assertThat(revocation.reason()).matches("[a-z ]+");
              });
    } else {
      assertThat(find(rest)).as("what nobody signed").isEmpty();
    }
  }

  private static Optional<Revocation> find(byte[] file) {
    try {
      return RevocationLists.of(
              List.of(new CrlFile("fuzzed", file)),
              List.of(),
              Clock.fixed(CertificateForge.NOW, ZoneOffset.UTC))
          .find(CERTIFICATE, ISSUER.certificate(), CertificateForge.NOW, FAULTS);
    } catch (TrustException | ChainException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return Optional.empty();
    }
  }
}
