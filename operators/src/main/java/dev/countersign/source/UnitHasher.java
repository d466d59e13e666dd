package dev.countersign.source;

import dev.countersign.oms.Printable;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Hashes the ranges of one unit, one after the other, but for those whose digests are known from an
 * earlier run, and compares digests where some are expected. One object serves one lane; not thread
 * safe.
 */
final class UnitHasher {

  /** Below this, a second thread to read ahead costs more than it saves. */
  private static final long READ_AHEAD_FROM = 4L << 20;

  /** Told of bytes as they are hashed, and asked whether to go on. */
  interface Watch {

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

  /** Owns its buffers; {@code readAhead} is this lane's own. */
  UnitHasher(int bufferBytes, ReadAhead readAhead, int maxDifferences) {
    this.buffer = new byte[bufferBytes];
    this.readAhead = readAhead;
    this.maxDifferences = maxDifferences;
  }

  /**
   * Does a unit.
   *
   * @throws StorageException if a file cannot be read, or changed since it was planned
   * @throws CancelledException if {@code watch} says so
   */
  UnitRecord hash(WorkUnit unit, Watch watch) throws StorageException, CancelledException {
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
    try (ModelReader reader =
        Storages.forUri(header.getModel()).openModel(header.getModel(), unit.getSymlinkRoots())) {
      for (UnitRange range : unread) {
        List<PieceHasher> pieces = cuts.of(range);
        read(reader, range, pieces, watch);
        findings.read(range);
        pieces.forEach(PieceHasher::finish);
      }
    } catch (IOException e) {
      throw notClosed(header.getModel(), e);
    }
    return findings.record();
  }

  private void read(ModelReader reader, UnitRange range, List<PieceHasher> pieces, Watch watch)
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
    try (RangeInput input = reader.open(file, range.getStart(), end)) {
      watch.reading(input);
      if (end - range.getStart() >= READ_AHEAD_FROM) {
        readAhead.drain(input, (bytes, length) -> update(pieces, bytes, length, watch));
      } else {
        for (int length = input.read(buffer, 0, buffer.length);
            length >= 0;
            length = input.read(buffer, 0, buffer.length)) {
          update(pieces, buffer, length, watch);
        }
      }
      input.finish();
    } catch (IOException e) {
      throw notClosed(range.getName(), e);
    }
  }

  /** A store that cannot even end a read is not trusted with the bytes that it gave before. */
  private static StorageException notClosed(String what, IOException fault) {
    return new StorageException(
        StorageException.Kind.UNREADABLE,
        what,
        String.format(
            Locale.ROOT,
            "%s was read, but the storage failed when it was closed: %s. Run it again, and check the storage if it fails again.",
            Printable.of(what),
            Printable.of(String.valueOf(fault.getMessage()))),
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
