package dev.countersign.source.reading;

import dev.countersign.hashing.HashBatch.Piece;
import dev.countersign.hashing.HashKernels;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.units.UnitCutter;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.RangeSource;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hashes the ranges of one unit, one after the other, but for those whose digests are known from an
 * earlier run, and compares digests where some are expected. Serves one unit at a time; lanes pass
 * it on.
 */
public final class UnitHasher {

  /** Below this, a second thread to read ahead costs more than it saves. */
  private static final long READ_AHEAD_FROM = 4L << 20;

  /** Told of bytes as they are hashed, and asked whether to go on. */
  public interface Watch {

    /** Bytes have arrived; a sign of life. */
    void progressed(int bytes);

    /**
     * Waits until bytes that have arrived may be hashed, where a limit holds reading back.
     *
     * @throws CancelledException if the unit's model was cancelled meanwhile
     */
    default void paced(int bytes) throws CancelledException {}

    /** What had arrived is hashed now. */
    default void hashed() {}

    /** What is read now, so that it can be closed when it stalls. */
    void reading(Closeable input);

    /** What this thread reads into, if anything; no longer counted if the thread is given up. */
    default void borrowed(ReadBuffers.@Nullable Borrowed buffer) {}

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

  /** Lends a thread its buffers. */
  interface Lender {

    /** Returns what the thread reads files with from their beginning to their end. */
    ReadAhead readAhead() throws CancelledException;

    /** The thread is about to borrow other buffers, so it gives back those. */
    default void giveBack() {}
  }

  private final Lender lender;
  private final @Nullable RangePump pump;
  private final int maxDifferences;
  private final boolean allowsLfsPointers;
  private final HashKernels kernels;

  /**
   * Has the buffers of {@code readAhead} and no others, and reads no parts of ranges.
   *
   * @param allowsLfsPointers whether Git LFS pointers may be signed
   */
  public UnitHasher(
      ReadAhead readAhead, int maxDifferences, boolean allowsLfsPointers, HashKernels kernels) {
    this(() -> readAhead, null, maxDifferences, allowsLfsPointers, kernels);
  }

  /** As the other one, with buffers that are lent and a pump for parts of ranges. */
  UnitHasher(
      Lender lender,
      @Nullable RangePump pump,
      int maxDifferences,
      boolean allowsLfsPointers,
      HashKernels kernels) {
    this.lender = lender;
    this.pump = pump;
    this.maxDifferences = maxDifferences;
    this.allowsLfsPointers = allowsLfsPointers;
    this.kernels = kernels;
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
    UnitFindings findings = withoutReading(unit, maxDifferences, kernels);
    List<UnitRange> unread = unread(unit);
    if (!unread.isEmpty()) {
      read(unit, unread, findings, watch);
    }
    return findings.finish(allowsLfsPointers);
  }

  /** Whether a range is read into a buffer of its length at most, rather than ahead. */
  static boolean isSmall(UnitRange range) {
    return UnitCutter.bytesOf(range) < READ_AHEAD_FROM;
  }

  /** The ranges of a unit that have to be read. */
  static List<UnitRange> unread(WorkUnit unit) {
    return unit.getHeader().getContentTrusted()
        ? List.of()
        : unit.getRanges().stream().filter(range -> !range.getKnown().hasRemaining()).toList();
  }

  /** What is found out about a unit before anything of it is read. */
  static UnitFindings withoutReading(WorkUnit unit, int maxDifferences, HashKernels kernels) {
    UnitFindings findings = new UnitFindings(unit, maxDifferences);
    if (unit.getHeader().getContentTrusted()) {
      for (UnitRange range : unit.getRanges()) {
        findings.digest(range.getName(), range.getStart(), range.getEnd(), range.getExpected());
      }
      return findings;
    }
    List<UnitRange> known =
        unit.getRanges().stream().filter(range -> range.getKnown().hasRemaining()).toList();
    if (!known.isEmpty()) {
      known.forEach(new RangeCuts(unit.getHeader(), findings, kernels)::known);
    }
    return findings;
  }

  /**
   * Reads some ranges of a unit, in order.
   *
   * @throws StorageException as {@link #hash}
   * @throws CancelledException as {@link #hash}
   */
  void read(WorkUnit unit, List<UnitRange> ranges, UnitFindings findings, Watch watch)
      throws StorageException, ModelFailure, CancelledException {
    ModelHeader header = unit.getHeader();
    RangeCuts cuts = new RangeCuts(header, findings, kernels);
    try (ModelReader reader =
        Storages.forUri(header.getModel()).openModel(header.getModel(), unit.getSymlinkRoots())) {
      Optional<SideBySide> side =
          ranges.size() > 1 && !Storages.isRemote(header.getModel())
              ? cuts.sideBySide()
              : Optional.empty();
      int next = 0;
      while (next < ranges.size()) {
        int together =
            side.isPresent()
                ? side.get().count(ranges, next, lender.readAhead().buffer().length)
                : 0;
        if (together > 0) {
          read(reader, ranges.subList(next, next + together), side.get(), cuts, findings, watch);
          next += together;
          continue;
        }
        UnitRange range = ranges.get(next++);
        List<PieceHasher> pieces = cuts.of(range);
        Optional<LfsPointer> pointer = read(reader, header.getModel(), range, pieces, watch);
        note(range, pointer, findings, () -> pieces.forEach(PieceHasher::finish));
      }
    } catch (IOException e) {
      throw notClosed(header.getModel(), e);
    }
  }

  /** Records a range that was read, with its digest. */
  private static void note(
      UnitRange range, Optional<LfsPointer> pointer, UnitFindings findings, Runnable digest) {
    long changed = findings.record().getCounts().getChanged();
    findings.read(range, pointer);
    digest.run();
    if (pointer.isPresent() && changed == findings.record().getCounts().getChanged()) {
      findings.unsignedPointer(range);
    }
  }

  /** Reads ranges that fit into a buffer, and hashes them side by side. */
  private void read(
      ModelReader reader,
      List<UnitRange> ranges,
      SideBySide side,
      RangeCuts cuts,
      UnitFindings findings,
      Watch watch)
      throws StorageException, CancelledException {
    byte[] buffer = lender.readAhead().buffer();
    int filled = 0;
    for (UnitRange range : ranges) {
      int start = filled;
      try (RangeInput input = reader.open(fileOf(range), range.getStart(), endOf(range))) {
        watch.reading(input);
        for (int length = 0;
            length >= 0;
            length = input.read(buffer, filled, buffer.length - filled)) {
          filled += length;
          if (filled == buffer.length) {
            throw new IllegalStateException("a range is longer than it says");
          }
        }
        input.finish();
      } catch (IOException e) {
        throw notClosed(range.getName(), e);
      }
      if (watch.isCancelled()) {
        throw new CancelledException();
      }
      side.add(buffer, start, filled - start);
    }
    watch.paced(filled);
    watch.progressed(filled);
    List<Piece> pieces = side.added();
    List<byte[]> digests = side.digests();
    watch.hashed();
    for (int i = 0; i < digests.size(); i++) {
      UnitRange range = ranges.get(i);
      Piece piece = pieces.get(i);
      byte[] digest = digests.get(i);
      Optional<LfsPointer> pointer =
          isWhole(range) && LfsPointer.mayBe(range)
              ? LfsPointer.of(
                  Arrays.copyOfRange(buffer, piece.offset(), piece.offset() + piece.length()))
              : Optional.empty();
      note(range, pointer, findings, () -> cuts.note(range, digest));
    }
  }

  private static long endOf(UnitRange range) {
    return range.getEnd() < 0 ? range.getLength() : range.getEnd();
  }

  private static boolean isWhole(UnitRange range) {
    return range.getStart() == 0 && endOf(range) == range.getLength();
  }

  private static StoredFile fileOf(UnitRange range) {
    return new StoredFile(
        range.getName(),
        range.getPath() == null ? range.getName() : range.getPath(),
        range.getRoot(),
        range.getLength(),
        range.getVersion(),
        0);
  }

  /** Reads a range; returns the Git LFS pointer that its file is. */
  private Optional<LfsPointer> read(
      ModelReader reader, String model, UnitRange range, List<PieceHasher> pieces, Watch watch)
      throws StorageException, ModelFailure, CancelledException {
    ByteArrayOutputStream small = new ByteArrayOutputStream(0);
    boolean mayBePointer = isWhole(range) && LfsPointer.mayBe(range);
    ReadAhead.Sink sink =
        (bytes, length) -> {
          update(pieces, bytes, length, watch);
          if (mayBePointer) {
            small.write(bytes, 0, length);
          }
        };
    try {
      readAll(reader, model, range, sink, watch);
    } catch (IOException e) {
      throw notClosed(range.getName(), e);
    }
    return LfsPointer.of(small.toByteArray());
  }

  /** Reads a range in parts where the store has it so, and as one stream elsewhere. */
  private void readAll(
      ModelReader reader, String model, UnitRange range, ReadAhead.Sink sink, Watch watch)
      throws StorageException, ModelFailure, CancelledException, IOException {
    StoredFile file = fileOf(range);
    long end = endOf(range);
    if (pump != null) {
      Optional<RangeSource> parts = reader.openParts(file, range.getStart(), end);
      if (parts.isPresent()) {
        lender.giveBack();
        try (RangeSource source = parts.get()) {
          watch.reading(source);
          pump.drain(model, source, range.getStart(), end, sink, watch);
          source.finish();
        }
        return;
      }
    }
    ReadAhead readAhead = lender.readAhead();
    try (RangeInput input = reader.open(file, range.getStart(), end)) {
      watch.reading(input);
      if (!isSmall(range)) {
        readAhead.drain(input, sink);
      } else {
        byte[] buffer = readAhead.buffer();
        for (int length = input.read(buffer, 0, buffer.length);
            length >= 0;
            length = input.read(buffer, 0, buffer.length)) {
          sink.accept(buffer, length);
        }
      }
      input.finish();
    }
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
    watch.paced(length);
    watch.progressed(length);
    for (PieceHasher piece : pieces) {
      piece.update(bytes, length);
    }
    watch.hashed();
  }
}
