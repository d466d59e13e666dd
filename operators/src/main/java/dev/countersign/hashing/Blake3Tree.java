package dev.countersign.hashing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Merges the chaining values of subtrees that {@link Blake3State#chainingValue} computed, in any
 * number of places, into the BLAKE3 digest of the whole input.
 *
 * <p>The input is cut at the multiples of a power of two chunks: each subtree but the last has that
 * many, and the last has as many or fewer, of which the last chunk may be shorter. An input that
 * such a cut leaves in one piece is hashed as a whole, since its chunk or parent is the root.
 */
public final class Blake3Tree {

  private static final int VALUE = Blake3Compressor.VALUE_INTS;
  private static final int VALUE_BYTES = VALUE * Integer.BYTES;

  private Blake3Tree() {}

  /**
   * Returns the chaining value of the parent of two subtrees.
   *
   * @throws IllegalArgumentException if one is not a chaining value
   */
  public static byte[] parent(byte[] left, byte[] right) {
    return parent(left, right, 0);
  }

  /**
   * Returns the digest of the input whose subtrees have these chaining values, in order.
   *
   * @throws IllegalArgumentException if there are fewer than two, or one is not a chaining value
   */
  public static byte[] digest(List<byte[]> subtrees) {
    if (subtrees.size() < 2) {
      throw new IllegalArgumentException(
          "an input in " + subtrees.size() + " subtrees has no parent to be its root");
    }
    return merge(subtrees, PortableBlake3.ROOT);
  }

  /** The left side of each parent is complete (section 2.1). */
  private static byte[] merge(List<byte[]> subtrees, int rootFlag) {
    int size = subtrees.size();
    if (size == 1) {
      return subtrees.get(0);
    }
    int left = Integer.highestOneBit(size - 1);
    return parent(
        merge(subtrees.subList(0, left), 0), merge(subtrees.subList(left, size), 0), rootFlag);
  }

  private static byte[] parent(byte[] left, byte[] right, int rootFlag) {
    int[] values = new int[2 * VALUE];
    read(left, values, 0);
    read(right, values, VALUE);
    new PortableBlake3().parent(values, 0, rootFlag, 0);
    ByteBuffer bytes = ByteBuffer.allocate(VALUE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values, 0, VALUE);
    return bytes.array();
  }

  private static void read(byte[] value, int[] values, int at) {
    if (value.length != VALUE_BYTES) {
      throw new IllegalArgumentException(
          "a chaining value has " + VALUE_BYTES + " bytes, not " + value.length);
    }
    ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(values, at, VALUE);
  }
}
