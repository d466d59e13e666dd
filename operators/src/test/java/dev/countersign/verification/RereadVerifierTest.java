package dev.countersign.verification;

import static dev.countersign.verification.CertificateBundles.BOUNDS;
import static dev.countersign.verification.CertificateBundles.INTERMEDIATE;
import static dev.countersign.verification.CertificateBundles.NOW;
import static dev.countersign.verification.CertificateBundles.ROOT;
import static dev.countersign.verification.CertificateBundles.SIGNER;
import static dev.countersign.verification.CertificateBundles.assertRefused;
import static dev.countersign.verification.CertificateBundles.bundle;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.trust.CrlFile;
import dev.countersign.trust.CrlForge;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RereadVerifierTest {

  private static final String CHANGED =
      "The policy or revocation lists have changed. The new ones hold from now on.";

  /** What {@link Files} gives; null if it cannot be read. */
  private static @Nullable VerificationSettings content;

  @Test
  void reread_ofAListThatRevokesTheSigner_holdsFromThenOn() throws Exception {
    RereadVerifier verifier = verifier(listed(CrlForge.by(INTERMEDIATE)));

    assertThat(verifier.isReady()).isFalse();
    assertThat(verifier.reread()).as("nothing has changed").isEmpty();
    var before = verifier.verify(bundle(SIGNER));
    content = revoking();
    assertThat(verifier.reread()).contains(CHANGED);

    assertThat(before.certified()).isPresent();
    assertThat(verifier.reread()).isEmpty();
    assertRefused(
        () -> verifier.forModel("/m").verify(bundle(SIGNER)),
        VerificationException.Kind.REVOKED_CERTIFICATE,
        "CN=Signer");
  }

  @Test
  void reread_forTheFirstTime_knowsWhatHasChangedSinceTheStart() throws Exception {
    RereadVerifier verifier = verifier(listed(CrlForge.by(INTERMEDIATE)));
    content = revoking();

    assertThat(verifier.reread()).contains(CHANGED);
    assertRefused(
        () -> verifier.forModel("/m").verify(bundle(SIGNER)),
        VerificationException.Kind.REVOKED_CERTIFICATE,
        "CN=Signer");
  }

  @Test
  void verify_withWhatWasNeverReadInThisProcess_isRefused() throws Exception {
    RereadVerifier verifier = verifier(listed(CrlForge.by(INTERMEDIATE)));
    content = null;

    assertThat(verifier.reread())
        .contains("It is damaged. Nothing is verified until that is put right.");
    assertThat(verifier.reread()).isEmpty();
    assertThat(verifier.isReady()).isFalse();
    assertThatThrownBy(() -> verifier.verify(bundle(SIGNER)))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("the policy or revocation lists were not read");
    content = revoking();
    assertThat(verifier.reread()).contains(CHANGED);
    assertThat(verifier.isReady()).isTrue();
  }

  @Test
  void reread_ofWhatCannotBeRead_keepsWhatWasReadBeforeAndSaysSoOnce() throws Exception {
    RereadVerifier verifier = verifier(revoking());
    assertThat(verifier.reread()).isEmpty();

    content = null;
    assertThat(verifier.reread())
        .contains("It is damaged. What was read before holds until that is put right.");
    assertThat(verifier.reread()).isEmpty();

    assertRefused(
        () -> verifier.verify(bundle(SIGNER)),
        VerificationException.Kind.REVOKED_CERTIFICATE,
        "CN=Signer");
  }

  private static RereadVerifier verifier(VerificationSettings atStart) {
    content = atStart;
    return new RereadVerifier(
        new RereadSettings(atStart, new Files()), BOUNDS, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static VerificationSettings revoking() throws Exception {
    return listed(CrlForge.by(INTERMEDIATE).revoke(SIGNER.certificate(), NOW.minusSeconds(60), 1));
  }

  private static VerificationSettings listed(CrlForge list) throws Exception {
    return new CertificateVerificationSettings(
        List.of(ROOT.certificate().getEncoded()),
        false,
        List.of(),
        List.of(new CrlFile("crl", list.der())),
        CertificateTime.NOW);
  }

  private record Files() implements SettingsSource {
    @Override
    public VerificationSettings read() throws IOException {
      VerificationSettings now = content;
      if (now == null) {
        throw new IOException("It is damaged.");
      }
      return now;
    }
  }
}
