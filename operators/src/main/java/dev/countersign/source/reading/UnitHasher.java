package dev.countersign.source.reading;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Hashes the ranges of one unit, one after the other, but for those whose digests are known from an
 * earlier run, and compares digests where some are expected. Serves one unit at a time; lanes pass
 * it on.
 */
public final class UnitHasher implements AutoCloseable {

  /** Below this, a second thread to read ahead costs more than it saves. */
  private static final long READ_AHEAD_FROM = 4L << 20;

  /** Told of bytes as they are hashed, and asked whether to go on. */
  public interface Watch {

    /** Bytes have arrived; a sign of life. */
    void progressed(int bytes);

    /** What had arrived is hashed now. */
    default void hashed() {}

    /** What is read now, so that it can be closed when it stalls. */
    void reading(RangeInput input);

    /** Whether the unit's model was cancelled. */
    boolean isCancelled();
  }

  /** Signals that the model was cancelled. */
  static final class CancelledException extends Exception {
    private static final long serialVersionUID = 1L;

    CancelledException() {
      super("cancelled", null, false, false);
    }
  }

  private final ReadAhead readAhead;
  private final byte[] buffer;
  private final int maxDifferences;
  private final boolean allowsLfsPointers;

  /**
   * Owns its buffers.
   *
   * @param readAhead its own, closed by this
   * @param allowsLfsPointers whether Git LFS pointers may be signed
   */
  public UnitHasher(
      int bufferBytes, ReadAhead readAhead, int maxDifferences, boolean allowsLfsPointers) {
    this.buffer = new byte[bufferBytes];
    this.readAhead = readAhead;
    this.maxDifferences = maxDifferences;
    this.allowsLfsPointers = allowsLfsPointers;
  }

  /**
   * Does a unit.
   *
   * @throws StorageException if a file cannot be read, or changed since it was planned
   * @throws CancelledException if {@code watch} says so
   * @throws ModelFailure if Git LFS pointers would be signed in place of what they stand for
   */
  public UnitRecord hash(WorkUnit unit, Watch watch)
      throws StorageException, CancelledException, ModelFailure {
    UnitFindings findings = new UnitFindings(unit, maxDifferences);
    ModelHeader header = unit.getHeader();
    if (unit.getRanges().isEmpty()) {
      return findings.record();
    }
    if (header.getContentTrusted()) {
      for (UnitRange range : unit.getRanges()) {
        findings.digest(range.getName(), range.getStart(), range.getEnd(), range.getExpected());
      }
      return findings.record();
    }
    RangeCuts cuts = new RangeCuts(header, findings);
    List<UnitRange> unread = new ArrayList<>(unit.getRanges().size());
    for (UnitRange range : unit.getRanges()) {
      if (range.getKnown().hasRemaining()) {
        cuts.known(range);
      } else {
        unread.add(range);
      }
    }
    if (unread.isEmpty()) {
      return findings.record();
    }
    List<String> pointers = new ArrayList<>();
    try (ModelReader reader =
        Storages.forUri(header.getModel()).openModel(header.getModel(), unit.getSymlinkRoots())) {
      for (UnitRange range : unread) {
        long changed = findings.record().getCounts().getChanged();
        List<PieceHasher> pieces = cuts.of(range);
        Optional<LfsPointer> pointer = read(reader, range, pieces, watch);
        findings.read(range, pointer);
        pieces.forEach(PieceHasher::finish);
        if (pointer.isPresent() && changed == findings.record().getCounts().getChanged()) {
          pointers.add(range.getName());
        }
      }
    } catch (IOException e) {
      throw notClosed(header.getModel(), e);
    }
    boolean signs =
        header.getOperation() == Operation.SIGN || header.getOperation() == Operation.RESIGN;
    if (signs && !allowsLfsPointers && !pointers.isEmpty()) {
      throw ModelFailure.lfsPointers(header.getModel(), pointers, header.getOperation());
    }
    return findings.record();
  }

  /** Ends the thread that reads ahead. */
  @Override
  public void close() {
    readAhead.close();
  }

  /** Reads a range; returns the Git LFS pointer that its file is. */
  private Optional<LfsPointer> read(
      ModelReader reader, UnitRange range, List<PieceHasher> pieces, Watch watch)
      throws StorageException, CancelledException {
    long end = range.getEnd() < 0 ? range.getLength() : range.getEnd();
    StoredFile file =
        new StoredFile(
            range.getName(),
            range.getPath() == null ? range.getName() : range.getPath(),
            range.getRoot(),
            range.getLength(),
            range.getVersion(),
            0);
    ByteArrayOutputStream small = new ByteArrayOutputStream(0);
    boolean isWhole = range.getStart() == 0 && end == range.getLength();
    try (RangeInput input = reader.open(file, range.getStart(), end)) {
      watch.reading(input);
      if (end - range.getStart() >= READ_AHEAD_FROM) {
        readAhead.drain(input, (bytes, length) -> update(pieces, bytes, length, watch));
      } else {
        for (int length = input.read(buffer, 0, buffer.length);
            length >= 0;
            length = input.read(buffer, 0, buffer.length)) {
          update(pieces, buffer, length, watch);
          if (isWhole && LfsPointer.mayBe(range)) {
            small.write(buffer, 0, length);
          }
        }
      }
      input.finish();
    } catch (IOException e) {
      throw notClosed(range.getName(), e);
    }
    return LfsPointer.of(small.toByteArray());
  }

  /** A store that cannot even end a read is not trusted with the bytes that it gave before. */
  private static StorageException notClosed(String what, IOException fault) {
    return new StorageException(
        StorageException.Kind.UNREADABLE,
        what,
        Message.of(
            "%s was read, but the storage failed when it was closed: %s. Run it again, and check"
                + " the storage if it fails again.",
            Printable.of(what), Printable.of(String.valueOf(fault.getMessage()))),
        true,
        fault);
  }

  private static void update(List<PieceHasher> pieces, byte[] bytes, int length, Watch watch)
      throws CancelledException {
    if (watch.isCancelled()) {
      throw new CancelledException();
    }
    watch.progressed(length);
    for (PieceHasher piece : pieces) {
      piece.update(bytes, length);
    }
    watch.hashed();
  }
}
