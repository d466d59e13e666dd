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
import static dev.countersign.verification.SigstoreBundles.verify;
import static dev.countersign.verification.SigstoreForge.IDENTITY;
import static dev.countersign.verification.SigstoreForge.NOW;
import static dev.countersign.verification.SigstoreForge.envelope;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.ManualClock;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.TimestampForge;
import dev.countersign.verification.VerificationException.Kind;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a signature existed, and who says so. */
final class SigstoreTimesTest {

  @Test
  void verify_withoutPromiseAndTimestamp_fails() {
    for (LogEntry entry : List.of(unpromised(ENTRY_1), ENTRY_2)) {
      assertRefused(
          () -> verify(bundle(List.of(), entry)),
          Kind.BAD_TIMESTAMP,
          "Nothing in the bundle proves when the model was signed");
    }
  }

  @Test
  void verify_withoutPromiseButATimestamp_passesAndTellsThePositionThatIsProven() throws Exception {
    SigstoreProof proof =
        verify(bundle(List.of(TIMESTAMP), unpromised(ENTRY_1)))
            .certified()
            .flatMap(CertifiedSigner::sigstore)
            .orElseThrow();

    assertThat(proof.logIndex()).isEqualTo(5);
    assertThat(proof.logTime()).isEmpty();
  }

  /** A log of version 2 signs no times, so that anybody may write one. */
  @Test
  void verify_ofATimeThatTheLogDidNotSign_fails() {
    LogEntry timed =
        new LogEntry(
            5,
            ENTRY_2.logId(),
            ENTRY_2.kind(),
            ENTRY_2.version(),
            NOW.getEpochSecond(),
            new byte[0],
            ENTRY_2.inclusionProof(),
            ENTRY_2.canonicalizedBody());

    assertRefused(
        () -> verify(bundle(List.of(), timed)), Kind.BAD_TIMESTAMP, "Nothing in the bundle proves");
  }

  @Test
  void verify_ofAPromiseOfAnotherTimeOrIndex_fails() {
    for (LogEntry changed :
        List.of(
            promise(ENTRY_1, ENTRY_1.logIndex(), NOW.getEpochSecond() + 1, FORGE.log1, false),
            promise(ENTRY_1, 7, NOW.getEpochSecond(), FORGE.log1, false),
            promise(
                ENTRY_1,
                ENTRY_1.logIndex(),
                NOW.getEpochSecond(),
                CertificateForge.ec("secp256r1"),
                true))) {
      assertRefused(
          () -> verify(bundle(List.of(TIMESTAMP), changed)),
          Kind.BAD_LOG_ENTRY,
          "does not hold (Entry SET was not valid)");
    }
  }

  @Test
  void verify_ofASignatureAfterTheCertificateExpired_fails() {
    Instant late = NOW.plusSeconds(301);

    assertRefused(
        () ->
            verify(
                bundle(
                    List.of(),
                    FORGE.entry1(
                        "dsse", SigstoreForge.dsse(ENVELOPE, SIGNER.certificate()), late))),
        Kind.EXPIRED_CERTIFICATE,
        "The model was signed at 2026-03-01T12:05:01Z, and the signer's certificate is valid from"
            + " 2026-03-01T11:55:00Z to 2026-03-01T12:05:00Z only.");
    assertRefused(
        () -> verify(bundle(List.of(FORGE.timestamp(ENVELOPE, late)), ENTRY_2)),
        Kind.EXPIRED_CERTIFICATE,
        "signed at 2026-03-01T12:05:01Z");
  }

  @Test
  void verify_ofASignatureBeforeTheCertificate_fails() {
    assertRefused(
        () -> verify(bundle(List.of(FORGE.timestamp(ENVELOPE, NOW.minusSeconds(301))), ENTRY_2)),
        Kind.CERTIFICATE_NOT_YET_VALID,
        "signed at 2026-03-01T11:54:59Z");
  }

  /** A time that suits does not excuse another that does not. */
  @Test
  void verify_ofTwoTimesOfWhichOneIsTooLate_fails() {
    SignedTimestamp late = FORGE.timestamp(ENVELOPE, NOW.plusSeconds(301));

    assertRefused(
        () -> verify(bundle(List.of(TIMESTAMP, late), ENTRY_2)),
        Kind.EXPIRED_CERTIFICATE,
        "signed at");
    assertRefused(
        () -> verify(bundle(List.of(late), ENTRY_1)), Kind.EXPIRED_CERTIFICATE, "signed at");
  }

  @Test
  void verify_onAClockTwoHoursSlow_saysSo() {
    assertRefused(
        () -> verify(bundle(List.of(), ENTRY_1), FORGE, NOW.minusSeconds(7200)),
        Kind.CERTIFICATE_NOT_YET_VALID,
        "which is yet to come. Correct the clock of this machine.");
  }

  @Test
  void verify_ofATimestampOfAnotherSignatureOrAuthority_fails() {
    SigstoreForge other = new SigstoreForge();
    Envelope again = envelope(SIGNER, PAYLOAD);

    assertRefused(
        () -> verify(bundle(List.of(FORGE.timestamp(again, NOW)), ENTRY_2)),
        Kind.BAD_TIMESTAMP,
        "was given for another signature");
    assertRefused(
        () -> verify(bundle(List.of(other.timestamp(ENVELOPE, NOW)), ENTRY_2)),
        Kind.BAD_TIMESTAMP,
        "The timestamp");
    assertRefused(
        () -> verify(bundle(List.of(new SignedTimestamp(new byte[] {1})), ENTRY_2)),
        Kind.BAD_TIMESTAMP,
        "is not an RFC 3161 response");
  }

  /** The trusted root names the certificate that signs timestamps, not all that its issuer made. */
  @Test
  void verify_ofATimestampByAnotherCertificateOfTheAuthority_fails() {
    Issued sibling =
        CertificateForge.timestampAuthority("CN=Sibling").signedBy(FORGE.timestampRoot).issue();
    SignedTimestamp timestamp =
        new SignedTimestamp(TimestampForge.over(ENVELOPE.signature(), sibling).response());

    assertRefused(
        () -> verify(bundle(List.of(timestamp), ENTRY_2)), Kind.BAD_TIMESTAMP, "CN=Sibling");
  }

  @Test
  void verify_ofATimestampWhenItsAuthorityDidNotCount_fails() {
    SigstoreForge retired = new SigstoreForge();
    retired.timestampValidity = SigstoreForge.validFor(NOW.minusSeconds(9), NOW.minusSeconds(5));

    assertRefused(
        () -> verify(retired.bundle2(retired.signer(), PAYLOAD), retired),
        Kind.BAD_TIMESTAMP,
        "when its authority did not count by the trusted root");
  }

  @Test
  void verify_ofAForeignTimestampBesideATimeThatHolds_passes() throws Exception {
    SignedTimestamp foreign = new SigstoreForge().timestamp(ENVELOPE, NOW);

    assertThat(verify(bundle(List.of(foreign), ENTRY_1)).signer()).isEqualTo(IDENTITY);
    assertThat(verify(bundle(List.of(foreign, TIMESTAMP), ENTRY_2)).signer()).isEqualTo(IDENTITY);
  }

  /** A signer asks before the log records the signature. */
  @Test
  void requireTimestamp_ofAnotherAuthorityOrTime_failsAndSaysWhy() throws Exception {
    SigstoreSignatures signatures =
        SigstoreSignatures.of(FORGE.instance(), new ManualClock(NOW.plusSeconds(900)));
    X509Certificate leaf = FORGE.signer().certificate();

    assertThat(signatures.requireTimestamp(TIMESTAMP, ENVELOPE.signature(), leaf).time())
        .isEqualTo(NOW);
    assertRefused(
        () ->
            signatures.requireTimestamp(
                new SigstoreForge().timestamp(ENVELOPE, NOW), ENVELOPE.signature(), leaf),
        Kind.BAD_TIMESTAMP,
        "CN=TSA");
    assertRefused(
        () ->
            signatures.requireTimestamp(
                FORGE.timestamp(ENVELOPE, NOW.plusSeconds(600)), ENVELOPE.signature(), leaf),
        Kind.EXPIRED_CERTIFICATE,
        "the signer's certificate is valid from");
  }

  private static LogEntry unpromised(LogEntry entry) {
    return new LogEntry(
        entry.logIndex(),
        entry.logId(),
        entry.kind(),
        entry.version(),
        entry.integratedTime(),
        new byte[0],
        entry.inclusionProof(),
        entry.canonicalizedBody());
  }

  /** Changes what a promise is about, and lets a log promise that if it is to. */
  private static LogEntry promise(
      LogEntry entry, long index, long time, KeyPair log, boolean again) {
    LogEntry changed =
        new LogEntry(
            index,
            entry.logId(),
            entry.kind(),
            entry.version(),
            time,
            entry.signedEntryTimestamp(),
            entry.inclusionProof(),
            entry.canonicalizedBody());
    return again ? SigstoreForge.promised(changed, log) : changed;
  }
}
