package dev.countersign.verification;

import static dev.countersign.verification.CertificateBundles.AUTHORITY;
import static dev.countersign.verification.CertificateBundles.BOUNDS;
import static dev.countersign.verification.CertificateBundles.DAY;
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
import static dev.countersign.verification.CertificateBundles.signed;
import static dev.countersign.verification.CertificateBundles.stamped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.oms.BundleJson;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.CrlForge;
import dev.countersign.trust.TimestampForge;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.junit.jupiter.api.Test;

/** What timestamps in a bundle do for certificates that do not hold now. */
final class CertificateTimestampsTest {

  private final List<byte[]> timestampAnchors = new ArrayList<>();
  private final List<CrlFile> revocationLists = new ArrayList<>();
  private Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);

  @Test
  void verify_ofAnExpiredCertificateWithATrustedTimestamp_passesAtItsTime() throws Exception {
    timestampAnchors.add(ROOT.certificate().getEncoded());

    CertifiedSigner signer =
        verifier().verify(stamped(EXPIRED, WHILE_VALID)).certified().orElseThrow();

    assertThat(signer.checkedAt()).contains(WHILE_VALID);
    assertThat(signer.timestamp().orElseThrow().authority()).isEqualTo(AUTHORITY.certificate());
  }

  @Test
  void verify_withATimestampThatNobodyTrusts_tellsHowToTrustIt() {
    assertRefused(
        () -> verifier().verify(stamped(EXPIRED, WHILE_VALID)),
        VerificationException.Kind.EXPIRED_CERTIFICATE,
        "'tsa-certificate-chain'");
  }

  @Test
  void verify_withATimestampOfAnotherAuthority_saysThatItDoesNotHold() throws Exception {
    timestampAnchors.add(CertificateForge.ca("CN=Other").issue().certificate().getEncoded());

    assertRefused(
        () -> verifier().verify(stamped(EXPIRED, WHILE_VALID)),
        VerificationException.Kind.BAD_TIMESTAMP,
        "CN=Expired");
  }

  @Test
  void verify_withATimestampOverAnotherSignature_saysThatItDoesNotHold() throws Exception {
    timestampAnchors.add(ROOT.certificate().getEncoded());
    byte[] moved = TimestampForge.over(new byte[] {1}, AUTHORITY).at(WHILE_VALID).response();

    assertRefused(
        () -> verifier().verify(BundleJson.write(signed(EXPIRED, List.of(moved)))),
        VerificationException.Kind.BAD_TIMESTAMP,
        "CN=Expired");
  }

  @Test
  void verify_withATimestampFromAfterTheEnd_isRefusedAsExpired() throws Exception {
    timestampAnchors.add(ROOT.certificate().getEncoded());

    assertRefused(
        () -> verifier().verify(stamped(EXPIRED, NOW.minusSeconds(60))),
        VerificationException.Kind.EXPIRED_CERTIFICATE,
        "That is so at the time of its timestamp too.");
  }

  @Test
  void verify_withATimestampOfTheFuture_doesNotCountIt() throws Exception {
    timestampAnchors.add(ROOT.certificate().getEncoded());

    assertRefused(
        () -> verifier().verify(stamped(EXPIRED, NOW.plusSeconds(60))),
        VerificationException.Kind.BAD_TIMESTAMP,
        "which is yet to come");
  }

  @Test
  void verify_withAGoodTimestampBehindOneThatDoesNotHold_passes() throws Exception {
    timestampAnchors.add(ROOT.certificate().getEncoded());
    byte[] payload = payload("model");
    byte[] signature = signature(EXPIRED, payload);
    List<byte[]> timestamps =
        List.of(
            TimestampForge.over(new byte[] {1}, AUTHORITY).at(WHILE_VALID).response(),
            TimestampForge.over(signature, AUTHORITY).at(NOW).response(),
            TimestampForge.over(signature, AUTHORITY).at(WHILE_VALID).response());

    CertifiedSigner signer =
        verifier()
            .verify(BundleJson.write(bundle(EXPIRED, payload, signature, timestamps)))
            .certified()
            .orElseThrow();

    assertThat(signer.checkedAt()).contains(WHILE_VALID);
  }

  @Test
  void verify_withATimestampOfARevokedAuthority_doesNotCountIt() throws Exception {
    timestampAnchors.add(ROOT.certificate().getEncoded());
    revocationLists.add(
        list(CrlForge.by(ROOT).revoke(AUTHORITY.certificate(), NOW.minusSeconds(60), 1)));

    assertRefused(
        () -> verifier().verify(stamped(EXPIRED, WHILE_VALID)),
        VerificationException.Kind.BAD_TIMESTAMP,
        "CN=Authority");
  }

  @Test
  void verify_ofARevokedCertificate_passesOnlyWithATimestampFromBefore() throws Exception {
    Instant revoked = NOW.minus(DAY.dividedBy(2));
    revocationLists.add(list(CrlForge.by(INTERMEDIATE).revoke(SIGNER.certificate(), revoked, 1)));
    timestampAnchors.add(ROOT.certificate().getEncoded());

    CertifiedSigner before =
        verifier().verify(stamped(SIGNER, revoked.minusSeconds(1))).certified().orElseThrow();

    assertThat(before.checkedAt()).contains(revoked.minusSeconds(1));
    assertRefused(
        () -> verifier().verify(stamped(SIGNER, revoked.plusSeconds(1))),
        VerificationException.Kind.REVOKED_CERTIFICATE,
        "CN=Signer");
    assertRefused(
        () -> verifier().verify(bundle(SIGNER)),
        VerificationException.Kind.REVOKED_CERTIFICATE,
        "CN=Signer");
  }

  @Test
  void verify_withAnInvalidityDateBeforeTheTimestamp_isRevoked() throws Exception {
    timestampAnchors.add(ROOT.certificate().getEncoded());
    Instant invalid = WHILE_VALID.minusSeconds(60);
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(
        Extension.invalidityDate, false, new ASN1GeneralizedTime(Date.from(invalid)));
    revocationLists.add(
        list(
            CrlForge.by(INTERMEDIATE)
                .revokeWith(EXPIRED.certificate(), NOW.minusSeconds(60), extensions.generate())));

    var before = verifier().verify(stamped(EXPIRED, invalid.minusSeconds(1)));

    assertThat(before.certified()).isPresent();
    assertRefused(
        () -> verifier().verify(stamped(EXPIRED, WHILE_VALID)),
        VerificationException.Kind.REVOKED_CERTIFICATE,
        "and counts as invalid since " + invalid);
  }

  @Test
  void verify_withACrlThatIsOutOfDate_failsEvenUnderATimestamp() throws Exception {
    timestampAnchors.add(ROOT.certificate().getEncoded());
    revocationLists.add(list(CrlForge.by(INTERMEDIATE)));
    var fresh = verifier().verify(stamped(EXPIRED, WHILE_VALID));
    clock = Clock.fixed(NOW.plus(DAY.multipliedBy(29)).plusSeconds(1), ZoneOffset.UTC);

    assertThat(fresh.certified()).isPresent();
    assertRefused(
        () -> verifier().verify(stamped(EXPIRED, WHILE_VALID)),
        VerificationException.Kind.REVOCATION_UNKNOWN,
        "the revocation list crl cannot be used: it is out of date");
  }

  @Test
  void verify_withACrlWhoseSignatureFails_failsEvenUnderATimestamp() throws Exception {
    timestampAnchors.add(ROOT.certificate().getEncoded());
    revocationLists.add(list(CrlForge.inTheNameOf(INTERMEDIATE, ROOT)));

    for (byte[] bundle : List.of(bundle(SIGNER), stamped(EXPIRED, WHILE_VALID))) {
      assertRefused(
          () -> verifier().verify(bundle),
          VerificationException.Kind.REVOCATION_UNKNOWN,
          "it is not signed with the key of CN=Intermediate, which it names as its issuer");
    }
  }

  @Test
  void verify_withACrlOfTheTimestampsAuthorityWhoseSignatureFails_doesNotCountTheTimestamp()
      throws Exception {
    Issued other = CertificateForge.ca("CN=Clock Root").issue();
    Issued authority = CertificateForge.timestampAuthority("CN=Clock").signedBy(other).issue();
    timestampAnchors.add(other.certificate().getEncoded());
    revocationLists.add(list(CrlForge.inTheNameOf(other, ROOT)));
    byte[] signature = signature(EXPIRED, payload("model"));
    byte[] stamp = TimestampForge.over(signature, authority).at(WHILE_VALID).response();
    byte[] bundle = BundleJson.write(bundle(EXPIRED, payload("model"), signature, List.of(stamp)));

    assertRefused(
        () -> verifier().verify(bundle),
        VerificationException.Kind.BAD_TIMESTAMP,
        "it is not signed with the key of CN=Clock Root, which it names as its issuer");
  }

  private CertificateVerifier verifier() throws Exception {
    return new CertificateVerifier(
        new CertificateVerificationSettings(
            List.of(ROOT.certificate().getEncoded()),
            false,
            timestampAnchors,
            revocationLists,
            CertificateTime.NOW),
        BOUNDS,
        clock);
  }

  private static CrlFile list(CrlForge list) {
    return new CrlFile("crl", list.der());
  }
}
