package dev.countersign.source.reading;

import dev.countersign.oms.Sha256;
import dev.countersign.schemas.UnitRange;
import dev.countersign.source.units.Recut;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;

/**
 * Compares the pieces of a range with the digests that were signed for them.
 *
 * <p>A file of very many shards has more signed digests than fit into a work unit. They are folded
 * then: one expected digest is the SHA-256 over those of several shards. That it differs says that
 * at least one of them does. Not thread safe.
 */
public final class ExpectedPieces implements PieceHasher.Sink {

  private final UnitRange range;
  private final boolean wholeFiles;
  private final int digestBytes;
  private final int fold;
  private final long end;
  private final UnitFindings findings;
  private final ByteBuffer expected;
  private final ByteArrayOutputStream folded = new ByteArrayOutputStream();
  private long foldStart;
  private int foldedPieces;

  /**
   * A comparison.
   *
   * @param wholeFiles whether a piece is a file rather than a shard
   * @param digestBytes length of the hash algorithm's digests
   */
  ExpectedPieces(UnitRange range, boolean wholeFiles, int digestBytes, UnitFindings findings) {
    this.range = range;
    this.wholeFiles = wholeFiles;
    this.digestBytes = digestBytes;
    this.fold = Math.max(1, range.getExpectedPieces());
    this.end = range.getEnd() < 0 ? range.getLength() : range.getEnd();
    this.findings = findings;
    this.expected = range.getExpected().duplicate();
  }

  @Override
  public void digested(long start, long pieceEnd, byte[] digest) {
    if (fold == 1) {
      compare(start, pieceEnd, digest, digestBytes, "");
      return;
    }
    if (foldedPieces == 0) {
      foldStart = start;
    }
    folded.writeBytes(digest);
    foldedPieces++;
    if (foldedPieces == fold || pieceEnd == end) {
      compare(
          foldStart,
          pieceEnd,
          Sha256.digest(folded.toByteArray()),
          Recut.FOLDED_BYTES,
          String.format(
              Locale.ROOT,
              "one or more of %d shards; the digests are SHA-256 over theirs",
              foldedPieces));
      folded.reset();
      foldedPieces = 0;
    }
  }

  private void compare(long start, long pieceEnd, byte[] actual, int length, String detail) {
    byte[] signed = new byte[Math.min(length, expected.remaining())];
    expected.get(signed);
    if (!Arrays.equals(signed, actual)) {
      findings.changed(
          UnitFindings.nameOf(range.getName(), start, wholeFiles ? -1 : pieceEnd),
          ByteBuffer.wrap(signed),
          actual,
          detail);
    }
  }
}
