package dev.countersign.records;

import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.SignerCertificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Results for tests. */
final class SampleResults {

  /** Quotes, line ends, another script, a character beyond 16 bits, one that turns directions. */
  static final String HOSTILE = "a\"b\\c\nd\u0000 \u00e8 \ud83d\ude00 \u202e";

  private SampleResults() {}

  /** One with every field as it is by default, but for its entry. */
  static ModelResult bare(long entryId) {
    return ModelResult.newBuilder().setEntryId(entryId).build();
  }

  /** One with no field as it is by default. */
  static ModelResult full(long entryId) {
    return ModelResult.newBuilder()
        .setRunId("20261124-1")
        .setEntryId(entryId)
        .setModel("/models/" + HOSTILE)
        .setName(HOSTILE)
        .setVersion("7")
        .setLine(12)
        .setLabels(Map.of("team", "vision", HOSTILE, ""))
        .setOperation(Operation.VERIFY)
        .setOutcome(Outcome.FAILED)
        .setReason(FailureReason.CONTENT_MISMATCH)
        .setMessage("The model is not what was signed.")
        .setDifferences(
            List.of(
                new Difference(
                    DifferenceKind.CHANGED, HOSTILE, "00", "ff", "", DifferenceCause.NONE),
                new Difference(
                    DifferenceKind.EXTRA, "b", "", "", "a pipe", DifferenceCause.LINK_OUTSIDE)))
        .setMissing(1)
        .setExtra(Long.MAX_VALUE)
        .setChanged(3)
        .setTruncated(true)
        .setRootDigest("abcd")
        .setHashType("sha256")
        .setSerialization("shards")
        .setShardSize(1_000_000)
        .setSignatureMethod("certificate")
        .setSigner("ab12")
        .setCertificate(
            SignerCertificate.newBuilder()
                .setSubject("CN=" + HOSTILE)
                .setAlternativeNames(List.of("mail@example.org", "https://example.org"))
                .setNotBefore(Instant.parse("1969-12-31T23:59:59.999Z"))
                .setNotAfter(Instant.parse("9999-12-31T23:59:59Z"))
                .setChainSha256(List.of("01", "02"))
                .setCheckedAt(Instant.parse("2026-03-01T12:00:00.001Z"))
                .build())
        .setTimestamp(Instant.parse("2026-03-01T12:00:00Z"))
        .setPreviousSigner("cd34")
        .setPolicyRule("vision")
        .setSignature("hdfs://nn/model.sig")
        .setBundleSha256("ef56")
        .setRequests(Map.of("GET", 3L, "LIST", 2L))
        .setBytes(5_000_000_000L)
        .setFiles(7)
        .setStarted(Instant.ofEpochMilli(1_000))
        .setFinished(Instant.ofEpochMilli(2_500))
        .setAttempt(2)
        .setReused(true)
        .setWeakened(List.of("ignore-unsigned-files"))
        .build();
  }
}
