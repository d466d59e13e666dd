package dev.countersign.source.reading;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.outcome.RecordedDifferences;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.SubtreeValue;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.units.UnitCutter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** What is found out while a unit is done: digests, and what differs. Not thread safe. */
final class UnitFindings {

  private static final String POINTER = "a Git LFS pointer, not the content that it stands for";

  private final UnitRecord record;
  private final RecordedDifferences differences;
  private final List<String> unsignedPointers = new ArrayList<>();
  private Optional<LfsPointer> pointer = Optional.empty();

  /** Begins with what planning found; lists at most {@code maxDifferences} differences. */
  UnitFindings(WorkUnit unit, int maxDifferences) {
    this.record = begin(unit);
    this.differences = new RecordedDifferences(maxDifferences);
    differences.addAll(unit.getDifferences());
    record.setDifferences(differences.list());
  }

  private static UnitRecord begin(WorkUnit unit) {
    UnitRecord record = new UnitRecord();
    record.setHeader(unit.getHeader());
    record.setUnit(unit.getUnit());
    record.setUnitCount(unit.getUnitCount());
    record.setDigests(new ArrayList<>());
    DifferenceCounts planned = unit.getCounts();
    record.setCounts(
        planned == null
            ? new DifferenceCounts(0L, 0L, 0L, 0L)
            : DifferenceCounts.newBuilder(planned).build());
    record.setVerdict(unit.getVerdict());
    record.setListed(new ArrayList<>());
    record.setSubtrees(new ArrayList<>());
    record.setRetries(unit.getRetries());
    record.setRequests(new TreeMap<>());
    return record;
  }

  UnitRecord record() {
    return record;
  }

  /**
   * A range was read to its end.
   *
   * @param found the Git LFS pointer that its file is
   */
  void read(UnitRange range, Optional<LfsPointer> found) {
    pointer = found;
    record.setBytes(record.getBytes() + UnitCutter.bytesOf(range));
    record.setFiles(record.getFiles() + (range.getStart() == 0 ? 1 : 0));
  }

  /** The range that was just read is a Git LFS pointer that was not signed before. */
  void unsignedPointer(UnitRange range) {
    unsignedPointers.add(range.getName());
  }

  /** Adds what was found out about later ranges of the unit. */
  void add(UnitFindings later) {
    UnitRecord found = later.record;
    record.setBytes(record.getBytes() + found.getBytes());
    record.setFiles(record.getFiles() + found.getFiles());
    record.setLfsPointers(record.getLfsPointers() + found.getLfsPointers());
    record.getDigests().addAll(found.getDigests());
    record.getListed().addAll(found.getListed());
    record.getSubtrees().addAll(found.getSubtrees());
    DifferenceCounts counts = record.getCounts();
    counts.setChanged(counts.getChanged() + found.getCounts().getChanged());
    differences.addAll(found.getDifferences());
    unsignedPointers.addAll(later.unsignedPointers);
  }

  /**
   * Returns the record of a unit of which everything is found out.
   *
   * @throws ModelFailure if Git LFS pointers would be signed in place of what they stand for
   */
  UnitRecord finish(boolean allowsLfsPointers) throws ModelFailure {
    ModelHeader header = record.getHeader();
    boolean signs =
        header.getOperation() == Operation.SIGN || header.getOperation() == Operation.RESIGN;
    if (signs && !allowsLfsPointers && !unsignedPointers.isEmpty()) {
      throw ModelFailure.lfsPointers(header.getModel(), unsignedPointers, header.getOperation());
    }
    return record;
  }

  /** A digest for the statement; {@code end} is -1 for a whole file. */
  void digest(String name, long start, long end, ByteBuffer digest) {
    record.getDigests().add(new RangeDigest(name, start, end, digest));
  }

  /** The chaining value of a subtree; what the file comes to shows when it has all of them. */
  void subtree(UnitRange range, byte[] chainingValue) {
    record.getSubtrees().add(new SubtreeValue(range, ByteBuffer.wrap(chainingValue)));
  }

  /**
   * What was hashed, for the listings of the run; a Git LFS pointer is left out, so that a later
   * run reads it again and finds it. A digest that is taken over keeps the time of the listing
   * after which it was computed.
   */
  void listed(UnitRange range, byte[] digest) {
    if (pointer.isPresent() && !range.getKnown().hasRemaining()) {
      return;
    }
    record
        .getListed()
        .add(
            new ListedRange(
                range.getName(),
                range.getStart(),
                range.getEnd(),
                range.getLength(),
                range.getVersion(),
                range.getModified(),
                range.getKnown().hasRemaining()
                    ? range.getKnownSince()
                    : record.getHeader().getStarted(),
                ByteBuffer.wrap(digest)));
  }

  /** Another digest than the one that was signed. */
  void changed(String name, ByteBuffer expected, byte[] actual, String detail) {
    DifferenceCounts counts = record.getCounts();
    counts.setChanged(counts.getChanged() + 1);
    boolean standsForSigned = pointer.filter(found -> found.oid().equals(expected)).isPresent();
    if (standsForSigned) {
      record.setLfsPointers(record.getLfsPointers() + 1);
    }
    if (!differences.isFull()) {
      byte[] signed = new byte[expected.remaining()];
      expected.duplicate().get(signed);
      differences.add(
          new Difference(
              DifferenceKind.CHANGED,
              name,
              HexFormat.of().formatHex(signed),
              HexFormat.of().formatHex(actual),
              pointer.isPresent() && detail.isEmpty() ? POINTER : detail,
              DifferenceCause.NONE));
    }
  }

  /** How a range is called; {@code end} is -1 for a whole file. */
  static String nameOf(String file, long start, long end) {
    return end < 0 ? file : file + ":" + start + ":" + end;
  }
}
