package dev.countersign.source;

import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.HashState;
import dev.countersign.oms.Printable;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Hashes the ranges of one unit, one after the other, and for verify compares the digests. One
 * object serves one lane; not thread safe.
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
    UnitRecord record = begin(unit);
    if (unit.getRanges().isEmpty()) {
      return record;
    }
    ModelHeader header = unit.getHeader();
    HashState state = HashKernels.forAlgorithm(header.getHashType()).newState();
    try (ModelReader reader =
        Storages.forUri(header.getModel()).openModel(header.getModel(), unit.getSymlinkRoots())) {
      for (UnitRange range : unit.getRanges()) {
        byte[] digest = hash(reader, range, state, watch);
        record.setBytes(record.getBytes() + UnitCutter.bytesOf(range));
        record.setFiles(record.getFiles() + (range.getStart() == 0 ? 1 : 0));
        note(record, range, digest);
      }
    } catch (IOException e) {
      throw notClosed(header.getModel(), e);
    }
    return record;
  }

  private static UnitRecord begin(WorkUnit unit) {
    UnitRecord record = new UnitRecord();
    record.setHeader(unit.getHeader());
    record.setUnit(unit.getUnit());
    record.setUnitCount(unit.getUnitCount());
    record.setDigests(new ArrayList<>());
    record.setDifferences(new ArrayList<>(unit.getDifferences()));
    DifferenceCounts planned = unit.getCounts();
    record.setCounts(
        planned == null
            ? new DifferenceCounts(0L, 0L, 0L, 0L)
            : new DifferenceCounts(
                planned.getMissing(),
                planned.getExtra(),
                planned.getChanged(),
                planned.getLinkedDirectories()));
    record.setVerdict(unit.getVerdict());
    record.setRetries(unit.getRetries());
    return record;
  }

  private byte[] hash(ModelReader reader, UnitRange range, HashState state, Watch watch)
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
        readAhead.drain(input, (bytes, length) -> update(state, bytes, length, watch));
      } else {
        for (int length = input.read(buffer, 0, buffer.length);
            length >= 0;
            length = input.read(buffer, 0, buffer.length)) {
          update(state, buffer, length, watch);
        }
      }
      input.finish();
    } catch (IOException e) {
      throw notClosed(range.getName(), e);
    }
    return state.digest();
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

  private static void update(HashState state, byte[] bytes, int length, Watch watch)
      throws CancelledException {
    if (watch.isCancelled()) {
      throw new CancelledException();
    }
    watch.progressed(length);
    state.update(bytes, 0, length);
    watch.hashed();
  }

  private void note(UnitRecord record, UnitRange range, byte[] digest) {
    if (record.getHeader().getOperation() != Operation.VERIFY) {
      record
          .getDigests()
          .add(
              new RangeDigest(
                  range.getName(), range.getStart(), range.getEnd(), ByteBuffer.wrap(digest)));
      return;
    }
    if (range.getExpected().equals(ByteBuffer.wrap(digest))) {
      return;
    }
    DifferenceCounts counts = record.getCounts();
    counts.setChanged(counts.getChanged() + 1);
    List<Difference> differences = record.getDifferences();
    if (differences.size() < maxDifferences) {
      byte[] expected = new byte[range.getExpected().remaining()];
      range.getExpected().duplicate().get(expected);
      differences.add(
          new Difference(
              DifferenceKind.CHANGED,
              range.getEnd() < 0
                  ? range.getName()
                  : range.getName() + ":" + range.getStart() + ":" + range.getEnd(),
              HexFormat.of().formatHex(expected),
              HexFormat.of().formatHex(digest),
              ""));
    }
  }
}
