package dev.countersign.jobs.cli;

import dev.countersign.listings.ListingScope;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.SignerCertificate;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the recorded results of version 1 say: never changed once that is released. What a later
 * version adds is here at its default.
 */
final class ResultsOfVersion1 {

  /** Quotes, a line end, another script, a character beyond 16 bits, one that turns directions. */
  private static final String AWKWARD = "a\"b\\c\nd \u00e8 \ud83d\ude00 \u202e";

  private ResultsOfVersion1() {}

  /** One with every field that version 1 has, and one with each at its default. */
  static List<ModelResult> results() {
    return List.of(full(), ModelResult.newBuilder().setEntryId(1).build());
  }

  private static ModelResult full() {
    return ModelResult.newBuilder()
        .setRunId("fixture-v1")
        .setEntryId(7)
        .setModel("/lake/" + AWKWARD)
        .setName(AWKWARD)
        .setVersion("7")
        .setLine(12)
        .setLabels(Map.of("team", "vision", AWKWARD, ""))
        .setOperation(Operation.VERIFY)
        .setOutcome(Outcome.FAILED)
        .setReason(FailureReason.CONTENT_MISMATCH)
        .setMessage("The model is not what was signed.")
        .setDifferences(
            List.of(
                difference(DifferenceKind.CHANGED, AWKWARD, "00", "ff", ""),
                difference(DifferenceKind.EXTRA, "b", "", "", "a pipe"),
                difference(DifferenceKind.MISSING, "c", "01", "", "")))
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
                .setSubject("CN=" + AWKWARD)
                .setIssuer("CN=Issuer")
                .setAlternativeNames(List.of("mail@example.org", "https://example.org"))
                .setSerial("1f")
                .setKeyAlgorithm("EC P-256")
                .setSha256("03")
                .setTrustAnchorSha256("04")
                .setTimestampAuthority("CN=Clock")
                .setNotBefore(Instant.parse("1969-12-31T23:59:59.999Z"))
                .setNotAfter(Instant.parse("9999-12-31T23:59:59Z"))
                .setChainSha256(List.of("01", "02"))
                .setTrustAnchor("CN=Root")
                .setCheckedAt(Instant.parse("2026-03-01T12:00:00.001Z"))
                .build())
        .setTimestamp(Instant.parse("2026-03-01T12:00:00Z"))
        .setPreviousSigner("cd34")
        .setPolicyRule("vision")
        .setSignature("hdfs://nn/model.sig")
        .setBundleSha256("ef56")
        .setBytes(5_000_000_000L)
        .setFiles(7)
        .setStarted(Instant.ofEpochMilli(1_000))
        .setFinished(Instant.ofEpochMilli(2_500))
        .setAttempt(2)
        .setReused(true)
        .setWeakened(List.of("ignore-unsigned-files"))
        .build();
  }

  private static Difference difference(
      DifferenceKind kind, String name, String expected, String actual, String detail) {
    return Difference.newBuilder()
        .setKind(kind)
        .setName(name)
        .setExpected(expected)
        .setActual(actual)
        .setDetail(detail)
        .build();
  }

  /** What was listed of one model, in two units. */
  static List<FileListing> listings() {
    return List.of(
        listing(0, range(AWKWARD, 0, -1), range("empty", 0, 0)),
        listing(1, range("large", 0, 1 << 20), range("large", 1 << 20, 1 << 21)));
  }

  /** What finds {@link #listings}. */
  static ListingScope scope() {
    return new ListingScope(
        "/lake/m", Operation.VERIFY, "blake3", "shards", 1_000_000, true, "ab12");
  }

  private static FileListing listing(int unit, ListedRange... ranges) {
    return FileListing.newBuilder()
        .setRunId("fixture-v1")
        .setEntryId(3)
        .setAttempt(2)
        .setUnit(unit)
        .setOperation(Operation.VERIFY)
        .setModel("/lake/m")
        .setHashType("blake3")
        .setMethod("shards")
        .setShardSize(1_000_000)
        .setAllowSymlinks(true)
        .setIgnoreSet("ab12")
        .setPlanned(1_700_000_200_000L)
        .setRanges(List.of(ranges))
        .build();
  }

  private static ListedRange range(String name, long start, long end) {
    byte[] digest = new byte[32];
    digest[0] = (byte) 0xff;
    digest[31] = (byte) name.length();
    return ListedRange.newBuilder()
        .setName(name)
        .setStart(start)
        .setEnd(end)
        .setLength(1 << 21)
        .setVersion("v1")
        .setModified(1_700_000_000_000L)
        .setListed(1_700_000_100_000L)
        .setDigest(ByteBuffer.wrap(digest))
        .build();
  }
}
