package dev.countersign.verification;

import static dev.countersign.verification.CertificateBundles.assertRefused;
import static dev.countersign.verification.SigstoreBundles.ENTRY_1;
import static dev.countersign.verification.SigstoreBundles.FORGE;
import static dev.countersign.verification.SigstoreBundles.SIGNER;
import static dev.countersign.verification.SigstoreBundles.TIMESTAMP;
import static dev.countersign.verification.SigstoreBundles.bundle;
import static dev.countersign.verification.SigstoreForge.IDENTITY;
import static dev.countersign.verification.SigstoreForge.NOW;
import static dev.countersign.verification.SigstoreForge.PROVIDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.oms.BundleJson;
import dev.countersign.oms.OmsBounds;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.VerificationException.Kind;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Identities of Sigstore in trust policies. */
final class SigstorePolicyTest {

  @Test
  void verify_ofASigstoreIdentity_isVerifiedUnderTheRulesThatAcceptIt() throws Exception {
    List<PolicyRule> rules =
        List.of(rule("mine", "/mine", IDENTITY), rule("others", "/others", "other@example.com"));
    byte[] signed = BundleJson.write(bundle(List.of(), ENTRY_1));
    PolicySettings policy = new PolicySettings(rules, List.of()).withSigstore(FORGE.instance());
    BundleVerifier verifier =
        BundleVerifier.of(policy, OmsBounds.defaults(), Clock.fixed(NOW, ZoneOffset.UTC));

    assertThat(verifier.forModel("/mine").verify(signed).signer()).isEqualTo(IDENTITY);
    assertRefused(
        () -> verifier.forModel("/others").verify(signed),
        Kind.UNTRUSTED_SIGNER,
        "Rule 'others' of the policy: The bundle was signed by signer@example.com, for whom"
            + " https://issuer.test vouches.");
    assertRefused(
        () ->
            verifier.forModel("/mine").verify(CertificateBundles.bundle(CertificateBundles.SIGNER)),
        Kind.METHOD_MISMATCH,
        "it has no certificates under accept");
  }

  @Test
  void verify_whileTheInstanceCannotBeRead_saysWhyAndWhatHelps() throws Exception {
    PolicySettings policy =
        new PolicySettings(List.of(rule("mine", "/mine", IDENTITY)), List.of())
            .withoutSigstore("Cannot download the repository. Check the network.");
    BundleVerifier verifier =
        BundleVerifier.of(policy, OmsBounds.defaults(), Clock.fixed(NOW, ZoneOffset.UTC));

    assertRefused(
        () -> verifier.forModel("/mine").verify(BundleJson.write(bundle(List.of(), ENTRY_1))),
        Kind.TRUST_UNAVAILABLE,
        "Rule 'mine' of the policy: The bundle was signed with Sigstore, and the trusted root of"
            + " the instance cannot be read: Cannot download the repository. Check the network. The"
            + " model is verified again once the trusted root can be read.");
  }

  @Test
  void verify_ofASigstoreIdentityWhoseCertificateOrAuthorityIsDenied_isRefused() throws Exception {
    List<PolicyRule> rules = List.of(rule("mine", "/mine", IDENTITY));
    byte[] signed = BundleJson.write(bundle(List.of(TIMESTAMP), ENTRY_1));
    for (X509Certificate denied :
        List.of(
            SIGNER.certificate(),
            FORGE.intermediate.certificate(),
            FORGE.root.certificate(),
            FORGE.timestamps.certificate(),
            FORGE.timestampRoot.certificate())) {
      PolicySettings policy =
          new PolicySettings(rules, List.of(CertificateDigest.of(denied)), FORGE.instance());
      BundleVerifier verifier =
          BundleVerifier.of(policy, OmsBounds.defaults(), Clock.fixed(NOW, ZoneOffset.UTC));

      assertRefused(
          () -> verifier.forModel("/mine").verify(signed),
          Kind.DENIED_BY_POLICY,
          CertificateDigest.of(denied));
    }
  }

  private static PolicyRule rule(String name, String models, String identity) {
    return new PolicyRule(
        name,
        1,
        List.of(models),
        false,
        false,
        new PolicyAcceptance(
            List.of(),
            List.of(),
            List.of(new PolicyAcceptance.Identity(new NameRule(identity, false), PROVIDER)),
            List.of()),
        List.of(),
        false,
        false);
  }
}
