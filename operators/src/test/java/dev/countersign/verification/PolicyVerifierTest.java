package dev.countersign.verification;

import static dev.countersign.verification.CertificateBundles.AUTHORITY;
import static dev.countersign.verification.CertificateBundles.BOUNDS;
import static dev.countersign.verification.CertificateBundles.EXPIRED;
import static dev.countersign.verification.CertificateBundles.INTERMEDIATE;
import static dev.countersign.verification.CertificateBundles.NOW;
import static dev.countersign.verification.CertificateBundles.ROOT;
import static dev.countersign.verification.CertificateBundles.SIGNER;
import static dev.countersign.verification.CertificateBundles.WHILE_VALID;
import static dev.countersign.verification.CertificateBundles.assertRefused;
import static dev.countersign.verification.CertificateBundles.bundle;
import static dev.countersign.verification.CertificateBundles.payload;
import static dev.countersign.verification.CertificateBundles.signature;
import static dev.countersign.verification.CertificateBundles.stamped;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.KeyHint;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.CrlForge;
import dev.countersign.trust.TimestampForge;
import dev.countersign.verification.PolicyAcceptance.Certified;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.VerificationException.Kind;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.Test;

final class PolicyVerifierTest {

  private static final KeyPair KEY = KeyPairFiles.generate("P-256");
  private static final KeyPair OTHER = KeyPairFiles.generate("P-256");
  private static final Issued FOREIGN = CertificateForge.ca("CN=Foreign").issue();
  private static final Issued NAMED =
      CertificateForge.leaf("CN=Named,O=Example")
          .signedBy(INTERMEDIATE)
          .with(
              Extension.subjectAlternativeName,
              false,
              new GeneralNames(
                  new GeneralName[] {
                    new GeneralName(GeneralName.rfc822Name, "release@example.org"),
                    new GeneralName(GeneralName.iPAddress, "192.0.2.1")
                  }))
          .issue();

  private final List<PolicyRule> rules = new ArrayList<>();
  private List<String> deniedByPolicy = List.of();
  private List<String> deniedByRule = List.of();
  private List<HashAlgorithm> hashes = List.of();

  @Test
  void key_thatTheRuleAccepts_verifiesAndNamesTheRule() throws Exception {
    rules.add(keys("other", "/lake/other/.*", OTHER));
    rules.add(keys("mine", "/lake/.*", OTHER, KEY));

    ModelTrust trust = verifier().forModel("/lake/m");

    assertThat(trust.rule()).isEqualTo("mine");
    assertThat(trust.allowsUnsigned()).isFalse();
    assertThat(trust.allowsPreviousDigests()).isFalse();
    assertThat(trust.allowsFirstSignature()).isFalse();
    assertThat(trust.verify(signedWith(KEY)).signer()).isEqualTo(KeyHint.of(KEY.getPublic()));
    assertRefused(
        () -> verifier().forModel("/lake/other/m").verify(signedWith(KEY)),
        Kind.UNTRUSTED_SIGNER,
        "Rule 'other' of the policy: No trusted key signed the bundle, which names the key with the"
            + " fingerprint "
            + KeyHint.of(KEY.getPublic())
            + ". Trusted fingerprints: ");
  }

  @Test
  void model_withoutARule_isDenied() throws Exception {
    rules.add(keys("mine", "/lake/.*", KEY));

    assertRefused(
        () -> verifier().forModel("/lakes/m"),
        Kind.NO_POLICY_RULE,
        "No policy rule matches /lakes/m, so it is denied.");
    assertRefused(
        () -> verifier().verify(signedWith(KEY)), Kind.NO_POLICY_RULE, "no model was named");
  }

  @Test
  void verifier_withoutAPolicy_trustsTheSameForEveryModel() throws Exception {
    BundleVerifier plain = KeyVerifier.of(KEY.getPublic(), BOUNDS);

    ModelTrust trust = plain.forModel("/anything");

    assertThat(trust.rule()).isEmpty();
    assertThat(trust.allowsUnsigned()).isFalse();
    assertThat(trust.allowsPreviousDigests()).isFalse();
    assertThat(trust.allowsFirstSignature()).isFalse();
    assertThat(trust.verify(signedWith(KEY)).signer()).isEqualTo(KeyHint.of(KEY.getPublic()));
  }

  @Test
  void certificate_byAnAcceptedAuthority_verifiesIfItsNamesAreWanted() throws Exception {
    assertAccepts(certified(ROOT));
    assertAccepts(certified(ROOT).subject("cn=named,  o=EXAMPLE", false));
    assertAccepts(certified(ROOT).subject("CN=Other", false).subject("CN=.*,O=Example", true));
    assertAccepts(certified(ROOT).alternativeName("email:release@example.org", false));
    assertAccepts(certified(ROOT).alternativeName("email:.*@example\\.org", true));
    assertAccepts(certified(ROOT).issuer("CN=Intermediate", false));
    assertAccepts(
        certified(ROOT)
            .subject("CN=Named,O=Example", false)
            .alternativeName("email:release@.*", true)
            .issuer("CN=Inter.*", true));
  }

  @Test
  void certificate_ofAnotherName_isNotTrusted() throws Exception {
    assertDenies(
        certified(ROOT).subject("CN=Named", false),
        "Rule 'certified' of the policy: The signer's certificate is of CN=Named,O=Example, and the"
            + " rule does not accept this subject.");
    assertDenies(certified(ROOT).subject("CN=Name", true), "does not accept this subject");
    assertDenies(
        certified(ROOT).alternativeName("email:Release@example.org", false),
        "accepts none of its alternative names");
    assertDenies(
        certified(ROOT).alternativeName("dns:192.0.2.1|.*192.*", true),
        "accepts none of its alternative names");
    assertDenies(
        certified(ROOT).issuer("CN=Root", false),
        "the rule does not accept its issuer CN=Intermediate");
    assertDenies(
        certified(ROOT).subject("CN=Named,O=Example", false).issuer("CN=Root", false),
        "does not accept its issuer");
  }

  @Test
  void failure_ofSeveralAcceptances_isTheOneThatTellsMost() throws Exception {
    AcceptanceBuilder unknown = certified(FOREIGN);
    AcceptanceBuilder wrongName = certified(ROOT).subject("CN=Somebody", false);
    AcceptanceBuilder expired = certified(ROOT);
    AcceptanceBuilder revoking = certified(ROOT);
    revoking.lists =
        List.of(
            CrlForge.by(INTERMEDIATE).revoke(SIGNER.certificate(), NOW.minusSeconds(60), 1).der());
    AcceptanceBuilder forged = certified(ROOT);
    forged.lists = List.of(CrlForge.inTheNameOf(INTERMEDIATE, ROOT).der());

    accepting(unknown);
    assertRefused(
        () -> verifier().forModel("/m").verify(bundle(EXPIRED)),
        Kind.UNTRUSTED_SIGNER,
        "name that certificate with authorities in the policy");
    accepting(unknown, wrongName);
    assertRefused(
        () -> verifier().forModel("/m").verify(bundle(EXPIRED)),
        Kind.UNTRUSTED_SIGNER,
        "does not accept this subject");
    accepting(unknown, expired, wrongName);
    assertRefused(
        () -> verifier().forModel("/m").verify(bundle(EXPIRED)),
        Kind.EXPIRED_CERTIFICATE,
        "CN=Expired expired on");
    accepting(unknown, forged, wrongName);
    assertRefused(
        () -> verifier().forModel("/m").verify(bundle(SIGNER)),
        Kind.REVOCATION_UNKNOWN,
        "was revoked is unknown");
    accepting(unknown, forged, revoking, wrongName);
    assertRefused(
        () -> verifier().forModel("/m").verify(bundle(SIGNER)),
        Kind.REVOKED_CERTIFICATE,
        "was revoked on");
  }

  @Test
  void certificate_thatHasExpired_countsAtATrustedTimestampOrWeakly() throws Exception {
    AcceptanceBuilder stamps = certified(ROOT);
    stamps.timestamps = List.of(AUTHORITY.certificate().getEncoded());
    AcceptanceBuilder weak = certified(ROOT);
    weak.time = CertificateTime.NOT_BEFORE;

    accepting(certified(ROOT));
    assertRefused(
        () -> verifier().forModel("/m").verify(stamped(EXPIRED, WHILE_VALID)),
        Kind.EXPIRED_CERTIFICATE,
        "if you trust its authority, name that with timestamp-authorities in the policy");
    accepting(stamps);
    CertifiedSigner stamped =
        verifier().forModel("/m").verify(stamped(EXPIRED, WHILE_VALID)).certified().orElseThrow();
    accepting(weak);
    CertifiedSigner weakly =
        verifier().forModel("/m").verify(bundle(EXPIRED)).certified().orElseThrow();
    accepting(weak, certified(ROOT));
    CertifiedSigner strictly =
        verifier().forModel("/m").verify(bundle(SIGNER)).certified().orElseThrow();

    assertThat(stamped.checkedAt()).contains(WHILE_VALID);
    assertThat(stamped.atChosenTime()).isFalse();
    assertThat(weakly.atChosenTime()).isTrue();
    assertThat(strictly.atChosenTime()).as("strict acceptances are tried first").isFalse();
  }

  @Test
  void signer_whoIsDenied_isRefusedThoughAccepted() throws Exception {
    String hint = KeyHint.of(KEY.getPublic());
    deniedByPolicy = List.of(hint);
    rules.add(keys("mine", "/lake/.*", KEY));
    assertRefused(
        () -> verifier().forModel("/lake/m").verify(signedWith(KEY)),
        Kind.DENIED_BY_POLICY,
        "Rule 'mine' of the policy: The signature relies on the key "
            + hint
            + ", which the policy");

    deniedByPolicy = List.of();
    for (Issued relied : List.of(SIGNER, INTERMEDIATE, ROOT)) {
      deniedByRule = List.of(CertificateDigest.of(relied.certificate()));
      accepting(certified(ROOT));
      assertRefused(
          () -> verifier().forModel("/m").verify(bundle(SIGNER)),
          Kind.DENIED_BY_POLICY,
          "the certificate " + deniedByRule.get(0));
      deniedByRule = List.of(KeyHint.of(relied.certificate().getPublicKey()));
      accepting(certified(ROOT));
      assertRefused(
          () -> verifier().forModel("/m").verify(bundle(SIGNER)),
          Kind.DENIED_BY_POLICY,
          "the key " + deniedByRule.get(0));
    }
    deniedByRule = List.of(CertificateDigest.of(AUTHORITY.certificate()));
    accepting(certified(ROOT));
    assertThat(verifier().forModel("/m").verify(bundle(SIGNER)).signer())
        .isEqualTo(CertificateDigest.of(SIGNER.certificate()));
  }

  @Test
  void certificate_ofAnotherKindOfName_isNotAccepted() throws Exception {
    Issued server =
        CertificateForge.leaf("CN=Server")
            .signedBy(INTERMEDIATE)
            .with(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, "release.example.org")))
            .issue();

    accepting(certified(ROOT).alternativeName("dns:release.example.org", false));
    var accepted = verifier().forModel("/m").verify(bundle(server));

    assertThat(accepted.certified()).isPresent();
    for (String other :
        List.of("email:release.example.org", "uri:release.example.org", "email:x|.*|dns:.*")) {
      accepting(certified(ROOT).alternativeName(other, other.contains("*")));
      assertRefused(
          () -> verifier().forModel("/m").verify(bundle(server)),
          Kind.UNTRUSTED_SIGNER,
          "accepts none of its alternative names");
    }
  }

  @Test
  void certificate_whoseAlternativeNamesCannotBeRead_hasNone() throws Exception {
    Issued odd =
        CertificateForge.leaf("CN=Odd")
            .signedBy(INTERMEDIATE)
            .with(Extension.subjectAlternativeName, false, CertificateForge.UNREADABLE_NAMES)
            .issue();

    accepting(certified(ROOT).subject("CN=Odd", false));
    var accepted = verifier().forModel("/m").verify(bundle(odd));

    assertThat(accepted.signer()).isEqualTo(CertificateDigest.of(odd.certificate()));
    accepting(certified(FOREIGN));
    assertRefused(
        () -> verifier().forModel("/m").verify(bundle(odd)),
        Kind.UNTRUSTED_SIGNER,
        "name that certificate with authorities in the policy");
    accepting(certified(ROOT).alternativeName("email:signer@example.org", false));
    assertRefused(
        () -> verifier().forModel("/m").verify(bundle(odd)),
        Kind.UNTRUSTED_SIGNER,
        "accepts none of its alternative names");
  }

  @Test
  void timestamp_whoseAuthorityOrWhatIsAboveItIsDenied_isRefused() throws Exception {
    Issued top = CertificateForge.ca("CN=Clock Root").issue();
    Issued middle = CertificateForge.ca("CN=Clock CA").signedBy(top).issue();
    Issued clock = CertificateForge.timestampAuthority("CN=Clock").signedBy(middle).issue();
    byte[] signature = signature(EXPIRED, payload("model"));
    byte[] stamp =
        TimestampForge.over(signature, clock)
            .at(WHILE_VALID)
            .enclosing(clock.certificate(), middle.certificate())
            .response();
    byte[] stamped =
        BundleJson.write(
            CertificateBundles.bundle(EXPIRED, payload("model"), signature, List.of(stamp)));
    AcceptanceBuilder acceptance = certified(ROOT);
    acceptance.timestamps = List.of(top.certificate().getEncoded());

    accepting(acceptance);
    var accepted = verifier().forModel("/m").verify(stamped);

    assertThat(accepted.certified()).isPresent();
    for (Issued relied : List.of(clock, middle, top)) {
      for (String fingerprint :
          List.of(
              CertificateDigest.of(relied.certificate()),
              KeyHint.of(relied.certificate().getPublicKey()))) {
        deniedByRule = List.of(fingerprint);
        accepting(acceptance);
        assertRefused(
            () -> verifier().forModel("/m").verify(stamped), Kind.DENIED_BY_POLICY, fingerprint);
      }
    }
  }

  @Test
  void hash_thatIsNotAccepted_isDenied() throws Exception {
    hashes = List.of(HashAlgorithm.BLAKE3, HashAlgorithm.BLAKE2B);
    rules.add(keys("mine", "/lake/.*", KEY));

    assertRefused(
        () -> verifier().forModel("/lake/m").verify(signedWith(KEY)),
        Kind.DENIED_BY_POLICY,
        "The model was hashed with sha256, and the rule accepts blake3, blake2b. Have it signed"
            + " again with 'hash-algorithm' blake3.");
    hashes = List.of(HashAlgorithm.SHA256);
    rules.set(0, keys("mine", "/lake/.*", KEY));
    assertThat(verifier().forModel("/lake/m").verify(signedWith(KEY)).manifest().modelName())
        .isEqualTo("model");
  }

  @Test
  void rule_thatDenies_isBeforeLaterRulesThatAccept() throws Exception {
    rules.add(
        new PolicyRule(
            "quarantine",
            1,
            List.of("/lake/bad/.*"),
            true,
            false,
            PolicyAcceptance.NOBODY,
            List.of(),
            false,
            false));
    rules.add(keys("mine", "/lake/.*", KEY));

    assertRefused(
        () -> verifier().forModel("/lake/bad/m").verify(signedWith(KEY)),
        Kind.DENIED_BY_POLICY,
        "Rule 'quarantine' of the policy: It denies these models regardless of the signer.");
  }

  @Test
  void bundle_ofAMethodThatTheRuleHasNothingFor_isAMismatch() throws Exception {
    rules.add(keys("keyed", "/keyed", KEY));
    rules.add(rule("unsigned", "/unsigned", true, PolicyAcceptance.NOBODY));
    PolicyAcceptance sigstore =
        new PolicyAcceptance(
            List.of(),
            List.of(),
            List.of(new PolicyAcceptance.Identity(new NameRule(".*", true), "https://example.org")),
            List.of());
    rules.add(rule("sigstore", "/sigstore", false, sigstore));
    byte[] bySigstore =
        new String(signedWith(KEY), UTF_8)
            .replaceFirst(
                "\"publicKey\":\\{[^}]*}(,\"tlogEntries\":\\[])?",
                "\"certificate\":{\"rawBytes\":\"AAAA\"},\"tlogEntries\":[{}]")
            .getBytes(UTF_8);

    assertRefused(
        () -> verifier().forModel("/keyed").verify(bundle(SIGNER)),
        Kind.METHOD_MISMATCH,
        "Rule 'keyed' of the policy: The bundle was signed with a certificate, and the rule accepts"
            + " none: it has no certificates under accept.");
    assertRefused(
        () -> verifier().forModel("/sigstore").verify(signedWith(KEY)),
        Kind.METHOD_MISMATCH,
        "it has no keys under accept");
    assertRefused(
        () -> verifier().forModel("/sigstore").verify(bySigstore),
        Kind.TRUST_UNAVAILABLE,
        "and the policy has no trusted root of an instance. Name one with sigstore-trusted-root in"
            + " the policy or 'trust-config'.");
    assertRefused(
        () -> verifier().forModel("/keyed").verify(bySigstore),
        Kind.METHOD_MISMATCH,
        "it has no sigstore under accept");
    assertThat(verifier().forModel("/unsigned").allowsUnsigned()).isTrue();
    assertRefused(
        () -> verifier().forModel("/unsigned").verify(signedWith(KEY)),
        Kind.UNTRUSTED_SIGNER,
        "It accepts no signer, only models without a bundle.");
  }

  @Test
  void bundle_thatWasChanged_isABadSignatureUnderEveryRule() throws Exception {
    rules.add(keys("mine", "/lake/.*", KEY));
    Bundle honest = BundleJson.read(signedWith(KEY), BOUNDS);
    byte[] changed =
        BundleJson.write(
            new Bundle(
                honest.material(),
                new Envelope(
                    Envelope.PAYLOAD_TYPE, payload("other"), honest.envelope().signature(), "")));

    assertRefused(
        () -> verifier().forModel("/lake/m").verify(changed), Kind.BAD_SIGNATURE, "was changed");
  }

  private static byte[] signedWith(KeyPair key) throws Exception {
    byte[] payload = payload("model");
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key.getPrivate());
    signature.update(Envelope.pae(Envelope.PAYLOAD_TYPE, payload));
    return BundleJson.write(
        new Bundle(
            new VerificationMaterial.PublicKeyHint(KeyHint.of(key.getPublic())),
            new Envelope(Envelope.PAYLOAD_TYPE, payload, signature.sign(), "")));
  }

  private BundleVerifier verifier() throws Exception {
    return BundleVerifier.of(
        new PolicySettings(rules, deniedByPolicy), BOUNDS, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private void assertAccepts(AcceptanceBuilder acceptance) throws Exception {
    accepting(acceptance);
    assertThat(verifier().forModel("/m").verify(bundle(NAMED)).signer())
        .isEqualTo(CertificateDigest.of(NAMED.certificate()));
  }

  private void assertDenies(AcceptanceBuilder acceptance, String message) throws Exception {
    accepting(acceptance);
    assertRefused(
        () -> verifier().forModel("/m").verify(bundle(NAMED)), Kind.UNTRUSTED_SIGNER, message);
  }

  private void accepting(AcceptanceBuilder... acceptances) {
    List<Certified> certificates = new ArrayList<>();
    for (AcceptanceBuilder acceptance : acceptances) {
      certificates.add(acceptance.settings());
    }
    rules.clear();
    rules.add(
        rule(
            "certified",
            ".*",
            false,
            new PolicyAcceptance(List.of(), certificates, List.of(), hashes)));
  }

  private PolicyRule keys(String name, String models, KeyPair... pairs) {
    List<PolicyAcceptance.Key> keys = new ArrayList<>();
    for (KeyPair pair : pairs) {
      keys.add(new PolicyAcceptance.Key("key.pub", PublicKeyFile.pem(pair.getPublic())));
    }
    return rule(name, models, false, new PolicyAcceptance(keys, List.of(), List.of(), hashes));
  }

  private PolicyRule rule(
      String name, String models, boolean unsigned, PolicyAcceptance acceptance) {
    return new PolicyRule(
        name, 1, List.of(models), false, unsigned, acceptance, deniedByRule, false, false);
  }

  private static AcceptanceBuilder certified(Issued authority) throws Exception {
    return new AcceptanceBuilder(authority.certificate().getEncoded());
  }
}
