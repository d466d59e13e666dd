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

import dev.countersign.oms.BundleJson;
import dev.countersign.trust.CertificateForge.Issued;
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
      "The policy, revocation lists, trusted root or signing config have changed. The new ones hold"
          + " from now on.";

  /** What {@link Files} gives; null if it cannot be read. */
  private static @Nullable VerificationSettings content;

  /** Why {@link Files} gives a part as it was; empty if it does not. */
  private static String fault = "";

  private static @Nullable VerificationSettings givenLast;

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
        .hasMessage("the policy, revocation lists or trusted root were not read");
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

  @Test
  void reread_ofARunThatBegins_knowsWhatWasReadAtTheStart() throws Exception {
    RereadVerifier later = verifier(revoking());
    assertThat(later.reread()).isEmpty();
    assertThat(givenLast).isNull();

    RereadVerifier first = verifier(revoking());
    first.begins();
    fault = "The repository is gone.";

    assertThat(first.reread())
        .contains("The repository is gone. What was read before holds until that is put right.");
    assertThat(givenLast).isEqualTo(content);
    assertThat(first.isReady()).isTrue();
  }

  @Test
  void reread_whereAPartCannotBeRead_appliesTheRestAndSaysBothOnce() throws Exception {
    RereadVerifier verifier = verifier(listed(CrlForge.by(INTERMEDIATE)));
    assertThat(verifier.reread()).isEmpty();

    fault = "The repository is gone.";
    assertThat(verifier.reread())
        .contains("The repository is gone. What was read before holds until that is put right.");
    content = revoking();
    assertThat(verifier.reread()).contains(CHANGED);
    assertThat(verifier.reread()).isEmpty();

    assertRefused(
        () -> verifier.verify(bundle(SIGNER)),
        VerificationException.Kind.REVOKED_CERTIFICATE,
        "CN=Signer");
    fault = "It is still gone.";
    content = listed(CrlForge.by(INTERMEDIATE));
    assertThat(verifier.reread())
        .contains(
            CHANGED + " It is still gone. What was read before holds until that is put right.");
    fault = "";
    assertThat(verifier.reread()).isEmpty();
  }

  @Test
  void reread_ofAPolicyWithoutItsInstance_deniesAndSaysThatSigstoreDoesNotCount() throws Exception {
    RereadVerifier verifier = verifier(listed(CrlForge.by(INTERMEDIATE)));
    assertThat(verifier.reread()).isEmpty();

    content = denying(SIGNER);
    fault = "The repository is gone.";

    assertThat(verifier.reread())
        .contains(
            CHANGED
                + " The repository is gone. No Sigstore signature counts until that is put right.");
    assertRefused(
        () -> verifier.forModel("/m").verify(bundle(SIGNER)),
        VerificationException.Kind.DENIED_BY_POLICY,
        CertificateDigest.of(SIGNER.certificate()));
  }

  @Test
  void verify_whileTheInstanceCannotBeRead_saysTheLatestReason() throws Exception {
    byte[] bySigstore =
        BundleJson.write(SigstoreBundles.bundle(List.of(), SigstoreBundles.ENTRY_1));
    PolicySettings policy = denying(SIGNER);
    RereadVerifier verifier = verifier(policy);
    for (String reason : List.of("The repository is gone.", "It is still gone.")) {
      fault = reason;
      content = policy.withoutSigstore(reason);

      assertThat(verifier.reread())
          .contains(reason + " No Sigstore signature counts until that is put right.");
      assertRefused(
          () -> verifier.forModel("/m").verify(bySigstore),
          VerificationException.Kind.TRUST_UNAVAILABLE,
          "cannot be read: " + reason);
    }
  }

  /** Returns a policy that accepts certificates and identities, and denies a certificate. */
  private static PolicySettings denying(Issued signer) throws Exception {
    PolicyAcceptance accepted =
        new PolicyAcceptance(
            List.of(),
            List.of(
                new PolicyAcceptance.Certified(
                    List.of("root.pem"),
                    listed(CrlForge.by(INTERMEDIATE)),
                    List.of(),
                    List.of(),
                    List.of())),
            List.of(
                new PolicyAcceptance.Identity(
                    new PolicyAcceptance.NameRule("a", false), "https://example.org")),
            List.of());
    return new PolicySettings(
        List.of(
            new PolicyRule(
                "rule", 1, List.of(".*"), false, false, accepted, List.of(), false, false)),
        List.of(CertificateDigest.of(signer.certificate())));
  }

  private static RereadVerifier verifier(VerificationSettings atStart) {
    content = atStart;
    fault = "";
    return new RereadVerifier(
        new RereadSettings(atStart, new Files()), BOUNDS, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static VerificationSettings revoking() throws Exception {
    return listed(CrlForge.by(INTERMEDIATE).revoke(SIGNER.certificate(), NOW.minusSeconds(60), 1));
  }

  private static CertificateVerificationSettings listed(CrlForge list) throws Exception {
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

    @Override
    public Reading readAgain(@Nullable VerificationSettings last) throws IOException {
      givenLast = last;
      return new Reading(read(), fault);
    }
  }
}
