package dev.countersign.source.units;

import dev.countersign.hashing.Blake3Compressor;
import dev.countersign.hashing.Blake3Tree;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Resource;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.SubtreeValue;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Cuts large files under BLAKE3 into subtrees of its tree, so that several units hash one file, and
 * merges the chaining values of the subtrees into the digest of the file.
 *
 * <p>Each subtree but the last of a file has the same number of bytes, a power of two. It is longer
 * in larger models, so that the number of subtrees is bounded whatever is listed.
 */
public final class Subtrees {

  /** How many subtrees a model should be cut into, if they do not get too long. */
  private static final long WANTED = 1_024;

  /** How many it is cut into at most, apart from one more for each file. */
  private static final long MOST = 4_096;

  /** Longest subtree of a model that has no more than {@link #MOST} of these, in bytes. */
  private static final long LONGEST = 1L << 30;

  private static final long LARGEST_POWER = 1L << 62;

  private Subtrees() {}

  /**
   * A file of which all subtrees were hashed.
   *
   * @param file the whole file as it was planned
   * @param unit number of the unit that hashed its first subtree, which no other file has
   * @param started when planning the model began, in milliseconds since the epoch; after a restart,
   *     the earliest such time of its subtrees
   * @param digest the digest of the file
   */
  public record HashedFile(UnitRange file, int unit, long started, ByteBuffer digest) {

    /** Returns how it differs from what was signed; empty if it does not, or nothing was. */
    public Optional<Difference> difference(boolean isVerified) {
      ByteBuffer expected = file.getExpected();
      return (isVerified || expected.hasRemaining()) && !expected.equals(digest)
          ? Optional.of(
              new Difference(
                  DifferenceKind.CHANGED,
                  file.getName(),
                  hex(expected),
                  hex(digest),
                  "",
                  DifferenceCause.NONE))
          : Optional.empty();
    }
  }

  /**
   * Cuts the files of a model; other ranges stay as they are.
   *
   * @param header the model, whose hash and cut are known
   * @param unitBytes from how many bytes on a range has a unit of its own, which each subtree gets
   *     that others follow
   * @return {@code ranges} themselves if no file is cut
   */
  static List<UnitRange> cut(ModelHeader header, List<UnitRange> ranges, long unitBytes) {
    long length = length(header, ranges, unitBytes);
    if (ranges.stream().noneMatch(range -> isCut(range, length))) {
      return ranges;
    }
    List<UnitRange> cut = new ArrayList<>(ranges.size());
    for (UnitRange range : ranges) {
      if (!isCut(range, length)) {
        cut.add(range);
        continue;
      }
      long end;
      for (long start = 0; start < range.getLength(); start = end) {
        end = start + Math.min(length, range.getLength() - start);
        UnitRange subtree = UnitRange.newBuilder(range).build();
        subtree.setStart(start);
        subtree.setEnd(end);
        subtree.setSubtree(true);
        cut.add(subtree);
      }
    }
    return cut;
  }

  /** Returns how many ranges {@link #cut} adds. */
  static long added(ModelHeader header, List<UnitRange> ranges, long unitBytes) {
    long length = length(header, ranges, unitBytes);
    return ranges.stream()
        .filter(range -> isCut(range, length))
        .mapToLong(range -> (range.getLength() - 1) / length)
        .sum();
  }

  private static boolean isCut(UnitRange range, long length) {
    return isWholeFile(range) && range.getLength() > length;
  }

  private static boolean isWholeFile(UnitRange range) {
    return range.getEnd() == Resource.WHOLE && !range.getKnown().hasRemaining();
  }

  /** Returns the length of a subtree; {@link Long#MAX_VALUE} if files of the model are not cut. */
  private static long length(ModelHeader header, List<UnitRange> ranges, long unitBytes) {
    boolean isCut =
        header.getHashType().equals(HashAlgorithm.BLAKE3.omsName())
            && header.getMethod().equals(SerializationMethod.FILES.omsName())
            && header.getPreviousCut() == null
            && !header.getContentTrusted();
    if (!isCut) {
      return Long.MAX_VALUE;
    }
    // Listed lengths may add up to more than a long has.
    double bytes =
        ranges.stream()
            .filter(Subtrees::isWholeFile)
            .mapToDouble(range -> (double) range.getLength())
            .sum();
    long least = powerOfTwo((double) Math.max(unitBytes, Blake3Compressor.CHUNK_BYTES));
    long wanted = Math.min(LONGEST, powerOfTwo(bytes / WANTED));
    return Math.max(Math.max(least, wanted), powerOfTwo(bytes / MOST));
  }

  /** Returns the smallest power of two that is at least {@code bytes}, up to 2^62. */
  private static long powerOfTwo(double bytes) {
    long whole = (long) Math.ceil(bytes);
    return whole <= 1
        ? 1
        : whole >= LARGEST_POWER ? LARGEST_POWER : Long.highestOneBit(whole - 1) << 1;
  }

  /**
   * Merges what the units of a model made of subtrees; the order in which they came does not
   * matter.
   *
   * @param units all units of the model
   * @throws IllegalStateException if these are not all subtrees of a file, in one version
   */
  public static List<HashedFile> merge(List<UnitRecord> units) {
    record Part(int unit, long started, UnitRange range, ByteBuffer value) {}
    Map<String, List<Part>> files = new LinkedHashMap<>();
    for (UnitRecord unit : units) {
      for (SubtreeValue subtree : unit.getSubtrees()) {
        UnitRange range = subtree.getRange();
        files
            .computeIfAbsent(range.getName(), name -> new ArrayList<>())
            .add(
                new Part(
                    unit.getUnit(),
                    unit.getHeader().getStarted(),
                    range,
                    subtree.getChainingValue()));
      }
    }
    List<HashedFile> merged = new ArrayList<>(files.size());
    for (List<Part> parts : files.values()) {
      parts.sort(Comparator.comparingLong(part -> part.range().getStart()));
      requireWhole(parts.stream().map(Part::range).toList());
      UnitRange file = UnitRange.newBuilder(parts.get(0).range()).build();
      file.setEnd(Resource.WHOLE);
      file.setSubtree(false);
      byte[] digest =
          Blake3Tree.digest(parts.stream().map(part -> Recut.bytesOf(part.value())).toList());
      long started = parts.stream().mapToLong(Part::started).min().orElseThrow();
      merged.add(new HashedFile(file, parts.get(0).unit(), started, ByteBuffer.wrap(digest)));
    }
    return merged;
  }

  private static void requireWhole(List<UnitRange> subtrees) {
    UnitRange first = subtrees.get(0);
    long next = 0;
    for (UnitRange subtree : subtrees) {
      if (subtree.getLength() != first.getLength()
          || !subtree.getVersion().equals(first.getVersion())
          || !subtree.getExpected().equals(first.getExpected())) {
        throw new IllegalStateException("subtrees of a file were planned for different files");
      }
      long end = next + Math.min(first.getEnd(), first.getLength() - next);
      if (subtree.getStart() != next || subtree.getEnd() != end) {
        throw new IllegalStateException(
            "subtrees of a file leave out or repeat bytes from " + next + " on");
      }
      next = end;
    }
    if (next != first.getLength()) {
      throw new IllegalStateException("subtrees of a file end at " + next);
    }
  }

  private static String hex(ByteBuffer buffer) {
    return HexFormat.of().formatHex(Recut.bytesOf(buffer));
  }
}
