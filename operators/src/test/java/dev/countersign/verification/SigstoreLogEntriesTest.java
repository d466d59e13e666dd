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
import static dev.countersign.verification.SigstoreBundles.payload;
import static dev.countersign.verification.SigstoreBundles.proof;
import static dev.countersign.verification.SigstoreBundles.verify;
import static dev.countersign.verification.SigstoreBundles.with;
import static dev.countersign.verification.SigstoreForge.NOW;
import static dev.countersign.verification.SigstoreForge.envelope;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.LogEntry.InclusionProof;
import dev.countersign.oms.OmsException;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.verification.VerificationException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Log entries that do not prove what they seem to. */
final class SigstoreLogEntriesTest {

  @Test
  void verify_ofAnEntryWithoutProof_fails() {
    assertRefused(
        () -> verify(bundle(List.of(TIMESTAMP), with(ENTRY_1, Optional.empty()))),
        Kind.BAD_LOG_ENTRY,
        "The log entry in the bundle has no proof that the log recorded it.");
  }

  @Test
  void verify_ofAProofWithoutCheckpoint_fails() {
    InclusionProof proof = proof(ENTRY_1);

    assertRefused(
        () -> verify(bundle(List.of(), with(ENTRY_1, proof.logIndex(), proof.treeSize(), ""))),
        Kind.BAD_LOG_ENTRY,
        "without a checkpoint");
  }

  /** What a promise proves is that the log will record it, not that it did. */
  @Test
  void verify_ofAProofOfAnotherTree_fails() {
    InclusionProof proof = proof(ENTRY_1);
    byte[] root = proof.rootHash().clone();
    root[0] ^= 1;
    List<byte[]> hashes = new ArrayList<>(proof.hashes());
    hashes.set(0, root);

    for (InclusionProof changed :
        List.of(
            new InclusionProof(5, root, 11, proof.hashes(), proof.checkpoint()),
            new InclusionProof(5, proof.rootHash(), 11, hashes, proof.checkpoint()),
            new InclusionProof(4, proof.rootHash(), 11, proof.hashes(), proof.checkpoint()))) {
      assertRefused(
          () -> verify(bundle(List.of(), with(ENTRY_1, Optional.of(changed)))),
          Kind.BAD_LOG_ENTRY,
          "does not hold (");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 11, for a position that its tree does not have",
    "11, 11, for a position that its tree does not have",
    "5, 0, for a position that its tree does not have",
    "5, -9223372036854775808, for a position that its tree does not have",
    "5, 9223372036854775807, does not have the form",
    "5, 6, does not have the form",
    "5, 12, has a checkpoint of another tree than its proof",
    "9, 11, does not have the form"
  })
  void verify_ofAProofForAnotherPositionOrSize_fails(long index, long size, String message) {
    assertRefused(
        () -> verify(bundle(List.of(), with(ENTRY_1, index, size, proof(ENTRY_1).checkpoint()))),
        Kind.BAD_LOG_ENTRY,
        message);
  }

  @Test
  void verify_ofAProofWithMoreOrFewerHashes_fails() {
    InclusionProof proof = proof(ENTRY_1);
    List<byte[]> more = new ArrayList<>(proof.hashes());
    more.add(new byte[32]);
    List<byte[]> odd = new ArrayList<>(proof.hashes());
    odd.set(0, new byte[31]);

    for (List<byte[]> hashes : List.of(List.<byte[]>of(), more, odd)) {
      assertRefused(
          () ->
              verify(
                  bundle(
                      List.of(),
                      with(
                          ENTRY_1,
                          Optional.of(
                              new InclusionProof(
                                  5, proof.rootHash(), 11, hashes, proof.checkpoint()))))),
          Kind.BAD_LOG_ENTRY,
          "does not have the form that its tree requires");
    }
  }

  @Test
  void verify_ofACheckpointThatAnotherKeySigned_fails() {
    InclusionProof proof = proof(ENTRY_1);
    String forged =
        SigstoreForge.checkpoint(
            CertificateForge.ec("secp256r1"),
            "rekor.test",
            "rekor.test - 4711",
            11,
            proof.rootHash());

    assertRefused(
        () -> verify(bundle(List.of(), with(ENTRY_1, 5, 11, forged))),
        Kind.BAD_LOG_ENTRY,
        "does not hold (");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"other.test", "rekor.test - x", "rekor.test.evil", "rekor.testother - 4711"})
  void verify_ofACheckpointOfAnotherOrigin_fails(String origin) {
    String checkpoint =
        SigstoreForge.checkpoint(FORGE.log1, "rekor.test", origin, 11, proof(ENTRY_1).rootHash());

    assertRefused(
        () -> verify(bundle(List.of(), with(ENTRY_1, 5, 11, checkpoint))),
        Kind.BAD_LOG_ENTRY,
        "has a checkpoint of " + origin);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "a\nb\nc\n\n", "rekor.test\n11\nAA==\n\n\u2014 rekor.test AAAA\n"})
  void verify_ofAMalformedCheckpoint_fails(String checkpoint) {
    assertRefused(
        () -> verify(bundle(List.of(), with(ENTRY_1, 5, 11, checkpoint))),
        Kind.BAD_LOG_ENTRY,
        "has a malformed checkpoint");
  }

  @Test
  void verify_ofALogThatTheRootDoesNotHave_fails() {
    LogEntry unknown =
        new LogEntry(
            ENTRY_1.logIndex(),
            new byte[] {1, 2},
            "dsse",
            "0.0.1",
            ENTRY_1.integratedTime(),
            ENTRY_1.signedEntryTimestamp(),
            ENTRY_1.inclusionProof(),
            ENTRY_1.canonicalizedBody());

    assertRefused(
        () -> verify(bundle(List.of(), unknown)),
        Kind.BAD_LOG_ENTRY,
        "that the trusted root does not have (key id 0102)");
  }

  /** The entry says that it is of the log whose key did not sign it. */
  @Test
  void verify_ofAnEntryUnderTheOtherLogsId_fails() {
    LogEntry moved =
        new LogEntry(
            5,
            ENTRY_1.logId(),
            ENTRY_2.kind(),
            ENTRY_2.version(),
            0,
            new byte[0],
            ENTRY_2.inclusionProof(),
            ENTRY_2.canonicalizedBody());

    assertRefused(
        () -> verify(bundle(List.of(TIMESTAMP), moved)), Kind.BAD_LOG_ENTRY, "has a checkpoint of");
  }

  @Test
  void verify_ofALogWhoseKeyDidNotCountThen_fails() {
    SigstoreForge retired = new SigstoreForge();
    retired.log1Validity = SigstoreForge.validFor(NOW.minusSeconds(9), NOW.minusSeconds(5));

    assertRefused(
        () -> verify(retired.bundle1(retired.signer(), PAYLOAD), retired),
        Kind.BAD_LOG_ENTRY,
        "and the key of the transparency log is valid from");
  }

  @Test
  void verify_ofTwoEntriesOfOneLog_fails() {
    assertRefused(
        () -> verify(bundle(List.of(), ENTRY_1, ENTRY_1)),
        Kind.BAD_LOG_ENTRY,
        "two entries of one transparency log");
  }

  @Test
  void verify_ofAProperEntryWithOneThatIsNot_fails() {
    assertRefused(
        () -> verify(bundle(List.of(TIMESTAMP), ENTRY_1, with(ENTRY_2, Optional.empty()))),
        Kind.BAD_LOG_ENTRY,
        "has no proof");
  }

  @ParameterizedTest
  @CsvSource({"intoto, 0.0.2", "dsse, 0.0.2", "hashedrekord, 0.0.3", "'', ''"})
  void verify_ofAnotherKindOfEntry_namesIt(String kind, String version) {
    LogEntry entry =
        new LogEntry(
            ENTRY_1.logIndex(),
            ENTRY_1.logId(),
            kind,
            version,
            ENTRY_1.integratedTime(),
            ENTRY_1.signedEntryTimestamp(),
            ENTRY_1.inclusionProof(),
            ENTRY_1.canonicalizedBody());

    assertThatThrownBy(() -> verify(bundle(List.of(), entry)))
        .isInstanceOf(OmsException.class)
        .hasMessageContaining("of kind '" + kind + "', version '" + version + "'");
  }

  @Test
  void verify_ofAnEntryThatHidesItsKind_fails() {
    byte[] body = SigstoreForge.hashedRekord1(ENVELOPE, SIGNER.certificate());

    assertThatThrownBy(() -> verify(bundle(List.of(), FORGE.entry1("dsse", body, NOW))))
        .isInstanceOf(OmsException.class)
        .hasMessageContaining("the body is of kind 'hashedrekord', version '0.0.1'");
  }

  /** Another signature of the same signer, of the same or of other content. */
  @Test
  void verify_ofAnEntryOfAnotherSignature_fails() {
    Envelope again = envelope(SIGNER, PAYLOAD);
    Envelope other = envelope(SIGNER, payload("other"));

    assertOfAnother(entriesOf(again, SIGNER), "signature");
    assertOfAnother(entriesOf(other, SIGNER), "content");
  }

  @Test
  void verify_ofAnEntryOfAnotherCertificate_fails() {
    // The same key, and the signature that the bundle has.
    Issued other = FORGE.recorded(FORGE.leaf().keys(SIGNER.keys()).issue());

    assertOfAnother(entriesOf(ENVELOPE, other), "certificate");
  }

  private static void assertOfAnother(List<LogEntry> entries, String what) {
    for (LogEntry entry : entries) {
      assertRefused(
          () -> verify(bundle(List.of(TIMESTAMP), entry)),
          Kind.BAD_LOG_ENTRY,
          "The log entry in the bundle is of another " + what + " than the bundle's");
    }
  }

  /** Returns proper entries of each kind for an envelope. */
  private static List<LogEntry> entriesOf(Envelope envelope, Issued signer) {
    return List.of(
        FORGE.entry1("dsse", SigstoreForge.dsse(envelope, signer.certificate()), NOW),
        FORGE.entry1(
            "hashedrekord", SigstoreForge.hashedRekord1(envelope, signer.certificate()), NOW),
        FORGE.entry2(SigstoreForge.hashedRekord2(envelope, signer.certificate())));
  }
}
