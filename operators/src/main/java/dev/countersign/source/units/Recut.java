package dev.countersign.source.units;

import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.oms.Sha256;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.UnitRange;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns the ranges of a model that is to be verified into ranges from which it can be hashed anew
 * in another way at the same time: each begins and ends where both ways cut, and is read once.
 *
 * <p>A file is one such range unless both ways cut it in shards; then it may be read in parts,
 * wherever a common multiple of both sizes ends one of each. What must come out goes with a range,
 * folded if it is much (see {@link UnitRange#getExpectedPieces}).
 */
public final class Recut {

  /** Length of an expected digest that stands for several. */
  public static final int FOLDED_BYTES = 32;

  /** Remedy for a model of too many shards, the rest of a sentence. */
  public static final Remedy FEWER_SHARDS =
      Remedy.of("take a larger %s or raise %s.", Setting.SHARD_SIZE, Setting.MAX_RESOURCES);

  /** How many bytes of expected digests go with one range. */
  private static final int MAX_EXPECTED_BYTES = 256 << 10;

  /** How many digests may come out of one range, if a part of the file can be as small. */
  private static final int FINE_PIECES = 4096;

  /** About how many bytes the digests of one range may take: they travel as one record. */
  private static final long MAX_DIGESTS_BYTES = 64L << 20;

  /** What a digest takes there beside its name, in bytes; about. */
  private static final int BYTES_OF_DIGEST = 128;

  private final Serialization from;
  private final Serialization to;
  private final long partBytes;
  private final int maxResources;
  private final List<UnitRange> ranges = new ArrayList<>();
  private long digests;

  /**
   * A new cut.
   *
   * @param from how the statement that is verified cuts
   * @param to how the statement that is made cuts
   * @param partBytes about how many bytes a part of a file should have
   * @param maxResources how many digests a statement may have
   */
  public Recut(Serialization from, Serialization to, long partBytes, int maxResources) {
    this.from = from;
    this.to = to;
    this.partBytes = partBytes;
    this.maxResources = maxResources;
  }

  /** Whether two serializations give the same digests. */
  public static boolean isSame(Serialization from, Serialization to) {
    return from.method() == to.method()
        && from.hash() == to.hash()
        && from.shardSize() == to.shardSize();
  }

  /**
   * Returns the ranges to read.
   *
   * @param verified all ranges of the model with their digests, those of a file one after the other
   * @throws ModelFailure if too many digests would come out, or none
   */
  public List<UnitRange> of(String model, List<UnitRange> verified) throws ModelFailure {
    for (int i = 0, next; i < verified.size(); i = next) {
      next = i + 1;
      while (next < verified.size()
          && verified.get(next).getName().equals(verified.get(i).getName())) {
        next++;
      }
      add(model, verified.subList(i, next));
    }
    if (digests == 0) {
      throw new ModelFailure(
          FailureReason.EMPTY_MODEL,
          Message.of(
              "%s cannot be signed by shards: all its files are empty, and shards leave empty files"
                  + " out.",
              Printable.of(model)),
          Remedy.of("Sign it again with %s files.", Setting.SERIALIZATION));
    }
    return ranges;
  }

  private void add(String model, List<UnitRange> pieces) throws ModelFailure {
    UnitRange file = pieces.get(0);
    long length = file.getLength();
    long made = to.method() == SerializationMethod.FILES ? 1 : ceil(length, to.shardSize());
    digests += made;
    if (made > maxResources || digests > maxResources) {
      throw new ModelFailure(
          FailureReason.LIMIT_EXCEEDED,
          Message.of(
              "%s has more than %d shards of %d bytes:",
              Printable.of(model), maxResources, to.shardSize()),
          FEWER_SHARDS);
    }
    long step = step(length);
    requireFits(file, Math.min(length, step));
    if (to.method() == SerializationMethod.FILES) {
      ranges.add(part(file, 0, Resource.WHOLE, pieces));
      return;
    }
    int first = 0;
    long start = 0;
    do {
      long end = step > length - start ? length : start + step;
      int after = first;
      while (after < pieces.size()
          && (pieces.get(after).getEnd() < 0 || pieces.get(after).getEnd() <= end)) {
        after++;
      }
      ranges.add(part(file, start, end, pieces.subList(first, after)));
      first = after;
      start = end;
    } while (start < length);
  }

  /** How long the parts are that a file may be read in; all of it if it has to be read at once. */
  private long step(long length) {
    if (from.method() == SerializationMethod.FILES || to.method() == SerializationMethod.FILES) {
      return Long.MAX_VALUE;
    }
    long common = leastCommonMultiple(from.shardSize(), to.shardSize());
    if (common >= length) {
      return Long.MAX_VALUE;
    }
    long smaller = Math.min(from.shardSize(), to.shardSize());
    long wanted = smaller >= partBytes ? partBytes : Math.min(partBytes, smaller * FINE_PIECES);
    return Math.max(1, wanted / common) * common;
  }

  /** As {@code long}; {@link Long#MAX_VALUE} if it is more. */
  private static long leastCommonMultiple(long one, long other) {
    long a = one;
    long b = other;
    while (b != 0) {
      long rest = a % b;
      a = b;
      b = rest;
    }
    long factor = one / a;
    return factor > Long.MAX_VALUE / other ? Long.MAX_VALUE : factor * other;
  }

  private void requireFits(UnitRange file, long bytes) throws ModelFailure {
    if (to.method() == SerializationMethod.FILES) {
      return;
    }
    long each = BYTES_OF_DIGEST + (long) file.getName().length();
    if (ceil(bytes, to.shardSize()) > MAX_DIGESTS_BYTES / each) {
      throw new ModelFailure(
          FailureReason.LIMIT_EXCEEDED,
          Message.of(
              "%s has to be read at once to be cut anew, and %d digests are too many then:",
              Printable.of(file.getName()), ceil(bytes, to.shardSize())),
          Remedy.of(
              "take a larger %s%s.",
              Setting.SHARD_SIZE,
              from.method() == SerializationMethod.SHARDS
                  ? ", or a multiple of the present one, " + from.shardSize()
                  : ""));
    }
  }

  private UnitRange part(UnitRange file, long start, long end, List<UnitRange> pieces) {
    UnitRange part = UnitRange.newBuilder(file).build();
    part.setStart(start);
    part.setEnd(end);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    long bytes = 0;
    for (UnitRange piece : pieces) {
      bytes += piece.getExpected().remaining();
    }
    int fold = bytes <= MAX_EXPECTED_BYTES ? 1 : fold(pieces.size());
    if (fold == 1) {
      pieces.forEach(piece -> all.writeBytes(bytesOf(piece.getExpected())));
    } else {
      for (int i = 0; i < pieces.size(); i += fold) {
        all.writeBytes(folded(pieces.subList(i, Math.min(pieces.size(), i + fold))));
      }
    }
    part.setExpected(ByteBuffer.wrap(all.toByteArray()));
    part.setExpectedPieces(fold);
    return part;
  }

  private static int fold(int pieces) {
    return (int) Math.max(2, ceil((long) pieces * FOLDED_BYTES, MAX_EXPECTED_BYTES));
  }

  private static byte[] folded(List<UnitRange> pieces) {
    ByteArrayOutputStream digests = new ByteArrayOutputStream();
    pieces.forEach(piece -> digests.writeBytes(bytesOf(piece.getExpected())));
    return Sha256.digest(digests.toByteArray());
  }

  /** Returns a copy of what is left in a buffer, which stays as it is. */
  static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static long ceil(long bytes, long size) {
    return bytes / size + (bytes % size == 0 ? 0 : 1);
  }
}
