package dev.countersign.source.reading;

import dev.countersign.hashing.Blake3Kernel;
import dev.countersign.hashing.HashKernel;
import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.HashState;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.oms.Sha256;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.StatementCut;
import dev.countersign.schemas.UnitRange;
import dev.countersign.source.units.Recut;
import dev.countersign.text.Message;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the ranges of one unit are cut into pieces and what becomes of their digests: they are
 * compared, go into the statement, or both. Not thread safe.
 */
final class RangeCuts {

  private final ModelHeader header;
  private final UnitFindings findings;
  private final HashKernel kernel;
  private final HashState state;
  private final @Nullable StatementCut previous;
  private final @Nullable HashState previousState;

  RangeCuts(ModelHeader header, UnitFindings findings, HashKernels kernels) {
    this.header = header;
    this.findings = findings;
    this.kernel = kernels.forAlgorithm(header.getHashType());
    this.state = kernel.newState();
    this.previous = header.getPreviousCut();
    this.previousState =
        previous == null ? null : kernels.forAlgorithm(previous.getHashType()).newState();
  }

  /** The hashers that take the bytes of {@code range}, one for each way to cut it. */
  List<PieceHasher> of(UnitRange range) {
    if (range.getSubtree()) {
      if (!(kernel instanceof Blake3Kernel blake3)) {
        throw new IllegalStateException(kernel.algorithm() + " has no subtrees");
      }
      return List.of(
          PieceHasher.ofSubtree(
              blake3,
              range.getStart(),
              (start, end, value) -> {
                if (end != range.getEnd()) {
                  throw new IllegalStateException("a subtree ended at " + end);
                }
                findings.subtree(range, value);
              }));
    }
    if (previous == null || previousState == null) {
      return List.of(
          new PieceHasher(state, 0, range.getStart(), (start, end, digest) -> note(range, digest)));
    }
    if (!range.getExpected().hasRemaining()) {
      throw new IllegalStateException("nothing is expected of a range that was signed before");
    }
    boolean wholeFiles = isFiles(previous.getMethod());
    boolean makesFiles = isFiles(header.getMethod());
    return List.of(
        new PieceHasher(
            previousState,
            previous.getShardSize(),
            range.getStart(),
            new ExpectedPieces(range, wholeFiles, digestBytes(previous), findings)),
        new PieceHasher(
            state,
            header.getShardSize(),
            range.getStart(),
            (start, end, digest) ->
                findings.digest(
                    range.getName(), start, makesFiles ? -1 : end, ByteBuffer.wrap(digest))));
  }

  /** Returns what hashes ranges side by side; empty if they are hashed one after the other. */
  Optional<SideBySide> sideBySide() {
    return previous == null ? kernel.newBatch().map(SideBySide::new) : Optional.empty();
  }

  /** Takes the digest of {@code range} that is known, instead of its bytes. */
  void known(UnitRange range) {
    byte[] digest = new byte[range.getKnown().remaining()];
    range.getKnown().duplicate().get(digest);
    note(range, digest);
  }

  /** Takes the digest of {@code range}, which is one piece. */
  void note(UnitRange range, byte[] digest) {
    if (range.getSubtree()) {
      throw new IllegalStateException("a subtree has no digest");
    }
    if (header.getRecordsListing()) {
      findings.listed(range, digest);
    }
    ByteBuffer read = ByteBuffer.wrap(digest);
    if (header.getOperation() != Operation.VERIFY) {
      findings.digest(range.getName(), range.getStart(), range.getEnd(), read);
    }
    ByteBuffer expected = range.getExpected();
    boolean compares = header.getOperation() == Operation.VERIFY || expected.hasRemaining();
    if (compares && !expected.equals(read)) {
      findings.changed(
          UnitFindings.nameOf(range.getName(), range.getStart(), range.getEnd()),
          expected,
          digest,
          "");
    }
  }

  private static boolean isFiles(String method) {
    return method.equals(SerializationMethod.FILES.omsName());
  }

  private static int digestBytes(StatementCut cut) {
    return HashAlgorithm.named(cut.getHashType()).orElseThrow().digestLength();
  }

  /**
   * Compares the pieces of a range with the digests that were signed for them.
   *
   * <p>A file of very many shards has more signed digests than fit into a work unit. They are
   * folded then: one expected digest is the SHA-256 over those of several shards. That it differs
   * says that at least one of them does. Not thread safe.
   */
  private static final class ExpectedPieces implements PieceHasher.Sink {

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
            Message.of(
                "one or more of %d shards; the digests are SHA-256 over theirs", foldedPieces));
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
}
