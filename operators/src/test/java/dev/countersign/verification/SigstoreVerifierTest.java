package dev.countersign.verification;

import static dev.countersign.verification.CertificateBundles.assertRefused;
import static dev.countersign.verification.SigstoreBundles.ENTRY_1;
import static dev.countersign.verification.SigstoreBundles.ENTRY_2;
import static dev.countersign.verification.SigstoreBundles.ENVELOPE;
import static dev.countersign.verification.SigstoreBundles.FORGE;
import static dev.countersign.verification.SigstoreBundles.PAYLOAD;
import static dev.countersign.verification.SigstoreBundles.SIGNER;
import static dev.countersign.verification.SigstoreBundles.TIMESTAMP;
import static dev.countersign.verification.SigstoreBundles.bundle;
import static dev.countersign.verification.SigstoreBundles.encoded;
import static dev.countersign.verification.SigstoreBundles.exactly;
import static dev.countersign.verification.SigstoreBundles.matching;
import static dev.countersign.verification.SigstoreBundles.ofType;
import static dev.countersign.verification.SigstoreBundles.payload;
import static dev.countersign.verification.SigstoreBundles.verifier;
import static dev.countersign.verification.SigstoreBundles.verify;
import static dev.countersign.verification.SigstoreForge.IDENTITY;
import static dev.countersign.verification.SigstoreForge.NOW;
import static dev.countersign.verification.SigstoreForge.PROVIDER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.oms.VerificationMaterial.CertificateChain;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.TimestampForge;
import dev.countersign.verification.VerificationException.Kind;
import java.security.Security;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signers and their certificates, and what the caller trusts. */
final class SigstoreVerifierTest {

  @Test
  void verify_ofAnEnvelopeInALogOfVersion1_tellsTheSigner() throws Exception {
    VerifiedBundle verified = verify(bundle(List.of(), ENTRY_1));

    assertThat(verified.method()).isEqualTo(SignatureMethod.SIGSTORE);
    assertThat(verified.signer()).isEqualTo(IDENTITY);
    CertifiedSigner signer = verified.certified().orElseThrow();
    assertThat(signer.certificate()).isEqualTo(SIGNER.certificate());
    assertThat(signer.anchor()).contains(FORGE.root.certificate());
    assertThat(signer.checkedAt()).contains(NOW);
    assertThat(signer.timestamp()).isEmpty();
    assertThat(signer.sigstore())
        .contains(
            new SigstoreProof(
                new SigstoreIdentity(IDENTITY, PROVIDER), 1_000_005, Optional.of(NOW)));
  }

  @Test
  void verify_ofAHashInALogOfVersion1_passes() throws Exception {
    LogEntry entry =
        FORGE.entry1(
            "hashedrekord", SigstoreForge.hashedRekord1(ENVELOPE, SIGNER.certificate()), NOW);

    assertThat(verify(bundle(List.of(), entry)).signer()).isEqualTo(IDENTITY);
  }

  @Test
  void verify_ofAHashInALogOfVersion2WithATimestamp_passes() throws Exception {
    CertifiedSigner signer = verify(bundle(List.of(TIMESTAMP), ENTRY_2)).certified().orElseThrow();

    assertThat(signer.checkedAt()).contains(NOW);
    assertThat(signer.timestamp().orElseThrow().authority())
        .isEqualTo(FORGE.timestamps.certificate());
    assertThat(signer.sigstore().orElseThrow().logIndex()).isEqualTo(5);
    assertThat(signer.sigstore().orElseThrow().logTime()).isEmpty();
  }

  @Test
  void verify_ofEntriesInBothLogs_passes() throws Exception {
    assertThat(verify(bundle(List.of(TIMESTAMP), ENTRY_1, ENTRY_2)).signer()).isEqualTo(IDENTITY);
  }

  /** The length in DSSE's encoding is in bytes; a library for Sigstore counts characters. */
  @Test
  void verify_ofNamesThatAreNotAscii_passes() throws Exception {
    byte[] payload = payload("\u6a21\u578b/\u6743\u91cd-\ud83d\ude00.bin");

    for (Bundle bundle : List.of(FORGE.bundle1(SIGNER, payload), FORGE.bundle2(SIGNER, payload))) {
      assertThat(verify(bundle).manifest().resources().get(0).name())
          .isEqualTo("\u6a21\u578b/\u6743\u91cd-\ud83d\ude00.bin");
    }
  }

  @Test
  void verify_ofATimestampThatEnclosesNoCertificate_passes() throws Exception {
    SignedTimestamp bare =
        new SignedTimestamp(
            TimestampForge.over(ENVELOPE.signature(), FORGE.timestamps)
                .enclosingNothing()
                .response());

    assertThat(verify(bundle(List.of(bare), ENTRY_2)).signer()).isEqualTo(IDENTITY);
  }

  @Test
  void verify_ofTheOtherSpellingOfTheFormat_passes() throws Exception {
    Bundle bundle = bundle(List.of(), ENTRY_1);

    assertThat(
            verify(ofType("application/vnd.dev.sigstore.bundle+json;version=0.3", bundle)).signer())
        .isEqualTo(IDENTITY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.1", "0.2"})
  void verify_ofAnOlderFormat_namesIt(String version) {
    String mediaType = "application/vnd.dev.sigstore.bundle+json;version=" + version;

    assertThatThrownBy(() -> verify(ofType(mediaType, bundle(List.of(), ENTRY_1))))
        .isInstanceOf(OmsException.class)
        .hasMessageContaining("mediaType is \"" + mediaType + "\", and bundles that are signed");
  }

  @Test
  void verify_ofABundleWithoutALogEntry_fails() {
    // What is left of the bundle looks like one of method certificate.
    Bundle bundle =
        new Bundle(
            new CertificateChain(List.of(encoded(SIGNER))),
            ENVELOPE,
            List.of(TIMESTAMP),
            List.of());

    assertRefused(
        () -> verify(bundle),
        Kind.METHOD_MISMATCH,
        "no entry of a transparency log, so it was not");
  }

  @Test
  void verify_ofAChainInPlaceOfTheCertificate_fails() {
    Bundle bundle =
        new Bundle(
            new CertificateChain(List.of(encoded(SIGNER), encoded(FORGE.intermediate))),
            ENVELOPE,
            List.of(TIMESTAMP),
            List.of(ENTRY_1));

    assertRefused(
        () -> verify(bundle),
        Kind.METHOD_MISMATCH,
        "signed with a certificate, and Sigstore cannot");
  }

  @Test
  void verify_ofAKeysBundle_fails() {
    Bundle bundle =
        new Bundle(new PublicKeyHint("0a"), ENVELOPE, List.of(TIMESTAMP), List.of(ENTRY_1));

    assertRefused(
        () -> verify(bundle), Kind.METHOD_MISMATCH, "signed with a bare key, and Sigstore cannot");
  }

  @Test
  void verify_ofAChangedPayload_fails() {
    Envelope changed =
        new Envelope(Envelope.PAYLOAD_TYPE, payload("other"), ENVELOPE.signature(), "");

    assertRefused(
        () -> verify(SigstoreForge.bundle(SIGNER, changed, List.of(), ENTRY_1)),
        Kind.BAD_SIGNATURE,
        "not the one of the bundle's own certificate");
  }

  @Test
  void verify_ofACertificateByAnotherAuthority_fails() {
    SigstoreForge other = new SigstoreForge();
    Issued signer =
        FORGE.recorded(other.leaf().issue(), FORGE.transparency, NOW, other.intermediate);

    assertRefused(
        () -> verify(FORGE.bundle1(signer, PAYLOAD)),
        Kind.UNTRUSTED_SIGNER,
        "was not issued by a certificate authority in the trusted root");
  }

  @Test
  void verify_ofACertificateThatIsNotForSigningCode_fails() {
    Issued signer =
        FORGE.recorded(
            FORGE.leaf().extendedKeyUsage(false, KeyPurposeId.id_kp_emailProtection).issue());

    assertRefused(
        () -> verify(FORGE.bundle1(signer, PAYLOAD)), Kind.UNSUITABLE_CERTIFICATE, "extended key");
  }

  @Test
  void verify_ofACertificateWithoutAPromise_fails() {
    assertRefused(
        () -> verify(FORGE.bundle1(FORGE.leaf().issue(), PAYLOAD)),
        Kind.BAD_LOG_ENTRY,
        "has no valid promise (SCT) of a certificate transparency log");
  }

  @Test
  void verify_ofAPromiseByAnotherLogOrOfAnotherTime_fails() {
    SigstoreForge late = new SigstoreForge();
    late.transparencyValidity = SigstoreForge.validFor(NOW.minusSeconds(9), NOW.minusSeconds(5));
    Issued byAnother =
        FORGE.recorded(
            FORGE.leaf().issue(), CertificateForge.ec("secp256r1"), NOW, FORGE.intermediate);

    assertRefused(
        () -> verify(FORGE.bundle1(byAnother, PAYLOAD)), Kind.BAD_LOG_ENTRY, "promise (SCT)");
    assertRefused(
        () -> verify(late.bundle1(late.signer(), PAYLOAD), late),
        Kind.BAD_LOG_ENTRY,
        "promise (SCT)");
  }

  @Test
  void verify_ofAnAuthorityThatDidNotCountThen_fails() {
    SigstoreForge retired = new SigstoreForge();
    retired.authorityValidity =
        SigstoreForge.validFor(NOW.minusSeconds(9999), NOW.minusSeconds(999));

    assertRefused(
        () -> verify(retired.bundle1(retired.signer(), PAYLOAD), retired),
        Kind.UNTRUSTED_SIGNER,
        "that was valid at that time");
  }

  /** Who has the key of a retired authority dates certificates back. */
  @Test
  void verify_ofAnAuthorityThatDidNotCountWhenItWasSigned_fails() {
    SigstoreForge retired = new SigstoreForge();
    retired.authorityValidity = SigstoreForge.validFor(NOW.minusSeconds(999), NOW.minusSeconds(60));

    assertRefused(
        () -> verify(retired.bundle1(retired.signer(), PAYLOAD), retired),
        Kind.UNTRUSTED_SIGNER,
        "was no longer trusted");
  }

  /** Its successor, which has the same root, began to count before its end. */
  @Test
  void verify_ofAnAuthorityThatAnotherOneUnderItsRootHasReplaced_fails() throws Exception {
    SigstoreForge retired = new SigstoreForge();
    Issued successor = CertificateForge.ca("CN=Fulcio 2").signedBy(retired.root).issue();
    retired.authorityValidity = SigstoreForge.validFor(NOW.minusSeconds(999), NOW.minusSeconds(60));
    retired.otherAuthorities =
        ","
            + SigstoreForge.authority(
                List.of(successor, retired.root),
                SigstoreForge.validFor(NOW.minusSeconds(999), null));
    Issued bySuccessor = retired.leaf().signedBy(successor).issue();

    assertRefused(
        () -> verify(retired.bundle1(retired.signer(), PAYLOAD), retired),
        Kind.UNTRUSTED_SIGNER,
        "was no longer trusted");
    assertThat(
            verify(
                    retired.bundle1(
                        retired.recorded(bySuccessor, retired.transparency, NOW, successor),
                        PAYLOAD),
                    retired)
                .signer())
        .isEqualTo(IDENTITY);
  }

  /** A provider would keep the class loader of a job in the memory of a session cluster. */
  @Test
  void verify_ofEntriesInBothLogs_registersNoProvider() throws Exception {
    assertThat(verify(bundle(List.of(TIMESTAMP), ENTRY_1, ENTRY_2)).signer()).isEqualTo(IDENTITY);
    assertThat(Security.getProvider("BC")).isNull();
  }

  @Test
  void verify_ofACertificateWithTwoIdentities_fails() {
    Issued signer =
        FORGE.recorded(
            FORGE
                .leaf(
                    new GeneralName(GeneralName.rfc822Name, "other@example.com"),
                    new GeneralName(GeneralName.rfc822Name, IDENTITY))
                .issue());

    assertRefused(
        () -> verify(FORGE.bundle1(signer, PAYLOAD)),
        Kind.UNSUITABLE_CERTIFICATE,
        "does not name exactly one identity");
  }

  @Test
  void verify_ofACertificateWithTwoProviders_fails() {
    Issued signer =
        FORGE.recorded(
            FORGE
                .leaf()
                .with(
                    new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.1"),
                    false,
                    new DERUTF8String("https://other.test"))
                .issue());

    assertRefused(
        () -> verify(FORGE.bundle1(signer, PAYLOAD)),
        Kind.UNSUITABLE_CERTIFICATE,
        "exactly one identity and one identity provider");
  }

  @ParameterizedTest
  @CsvSource({
    "other@example.com, https://issuer.test, This is not a trusted identity",
    "signer@example.co, https://issuer.test, This is not a trusted identity",
    "signer@example.com, https://issuer.test/, is trusted only if another provider vouches for it",
    "signer@example.com, https://issuer.tes, is trusted only if another provider vouches for it"
  })
  void verify_ofAnotherIdentity_failsAndNamesBoth(String identity, String provider, String why) {
    assertRefused(
        () -> verify(bundle(List.of(), ENTRY_1), FORGE, exactly(identity, provider)),
        Kind.UNTRUSTED_SIGNER,
        why + " (trusted: " + identity + " of " + provider + ").");
  }

  @Test
  void verify_ofNoneOfManyIdentities_namesThreeOfThem() {
    assertRefused(
        () ->
            verify(
                bundle(List.of(), ENTRY_1),
                FORGE,
                exactly("a\u001b", PROVIDER),
                matching("b.*"),
                exactly("c", "https://other.test"),
                exactly("d", PROVIDER),
                exactly("e", PROVIDER)),
        Kind.UNTRUSTED_SIGNER,
        "The bundle was signed by signer@example.com, for whom https://issuer.test vouches. This is"
            + " not a trusted identity (trusted: a\\u001b of https://issuer.test; any that matches"
            + " b.* of https://issuer.test; c of https://other.test; and 2 more). If this signer");
  }

  /** Each identity goes with its own provider. */
  @Test
  void verify_ofPairsThatWouldMatchIfMixed_fails() {
    assertRefused(
        () ->
            verify(
                bundle(List.of(), ENTRY_1),
                FORGE,
                exactly(IDENTITY, "https://other.test"),
                exactly("other@example.com", PROVIDER)),
        Kind.UNTRUSTED_SIGNER,
        "was signed by signer@example.com, for whom https://issuer.test vouches.");
  }

  @Test
  void verify_ofSeveralIdentities_takesAnyOfThem() throws Exception {
    assertThat(
            verify(
                    bundle(List.of(), ENTRY_1),
                    FORGE,
                    exactly("other@example.com", PROVIDER),
                    exactly(IDENTITY, PROVIDER))
                .signer())
        .isEqualTo(IDENTITY);
  }

  @ParameterizedTest
  @ValueSource(strings = {".*@example\\.com", "signer@example.com", "(?i)SIGNER@.*"})
  void verify_ofAPatternForTheWholeIdentity_passes(String regex) throws Exception {
    assertThat(verify(bundle(List.of(), ENTRY_1), FORGE, matching(regex)).signer())
        .isEqualTo(IDENTITY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"signer", "@example.com", "signer@example", "^signer"})
  void verify_ofAPatternForAPartOfTheIdentity_fails(String regex) {
    assertRefused(
        () -> verify(bundle(List.of(), ENTRY_1), FORGE, matching(regex)),
        Kind.UNTRUSTED_SIGNER,
        "This is not a trusted identity (trusted: any that matches " + regex + " of ");
  }

  @Test
  void verify_ofAUriAsIdentity_passes() throws Exception {
    String uri = "https://github.com/o/r/.github/workflows/w.yml@refs/heads/main";
    Issued signer =
        FORGE.recorded(
            FORGE.leaf(new GeneralName(GeneralName.uniformResourceIdentifier, uri)).issue());

    assertThat(verify(FORGE.bundle1(signer, PAYLOAD), FORGE, exactly(uri, PROVIDER)).signer())
        .isEqualTo(uri);
  }

  @Test
  void verify_ofEveryChangedByteOfABundle_neverTellsAnotherStatement() throws Exception {
    byte[] good = BundleJson.write(bundle(List.of(TIMESTAMP), ENTRY_2));
    BundleVerifier verifier = verifier(FORGE, NOW.plusSeconds(86_400), exactly(IDENTITY, PROVIDER));
    int passed = 0;

    for (int i = 0; i < good.length; i += 7) {
      byte[] changed = good.clone();
      changed[i] ^= 1;
      try {
        assertThat(verifier.verify(changed).payload()).isEqualTo(PAYLOAD);
        passed++;
      } catch (OmsException | VerificationException e) {
        // As it should be.
      }
    }

    // Names of fields that are not needed, and a part of the timestamp that nobody signed.
    assertThat(passed).isLessThan(good.length / 7 / 20);
  }
}
