package dev.countersign.hashing.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Reads blocks of sixteen words, one block for each lane, and turns them into sixteen vectors, one
 * for each word.
 *
 * <p>A square of rows and columns is transposed in steps. Step k takes each pair of rows whose
 * numbers differ in bit k only; the row without the bit gives its columns that have it for those of
 * the other row that do not. Two steps at a time stay in registers. The methods are small, since C2
 * on JDK 17 allocates the vectors of larger ones.
 */
final class LaneTranspose {

  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  /** How many blocks are hashed at once: 8 or 16. */
  static final int LANES = INTS.length();

  /** Words in a block. */
  static final int WORDS = 16;

  private static final VectorSpecies<Byte> BYTES = INTS.withLanes(byte.class);

  private static final VectorShuffle<Integer> SWAP_2 = swap(2);
  private static final VectorShuffle<Integer> SWAP_4 = swap(4);
  private static final VectorShuffle<Integer> SWAP_8 = swap(8);
  private static final VectorMask<Integer> BIT_1 = bit(1);
  private static final VectorMask<Integer> BIT_2 = bit(2);
  private static final VectorMask<Integer> BIT_4 = bit(4);
  private static final VectorMask<Integer> BIT_8 = bit(8);

  private LaneTranspose() {}

  private static VectorShuffle<Integer> swap(int bit) {
    return VectorShuffle.fromOp(INTS, lane -> (lane ^ bit) & (LANES - 1));
  }

  private static VectorMask<Integer> bit(int bit) {
    boolean[] lanes = new boolean[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = (lane & bit) != 0;
    }
    return VectorMask.fromArray(INTS, lanes, 0);
  }

  /**
   * Reads a block for each lane from bytes, the least significant byte of a word first.
   *
   * @param inputs has each lane's bytes
   * @param starts where in them the lane's block begins
   * @param distance how many bytes further on
   * @param words takes the vectors, that of word w from index w × {@link #LANES} on
   */
  static void load(byte[][] inputs, int[] starts, int distance, int[] words) {
    for (int word = 0; word < WORDS; word += LANES) {
      for (int lane = 0; lane < LANES; lane += 4) {
        four(inputs, starts, lane, distance + word * Integer.BYTES, words, (word + lane) * LANES);
      }
      cross(words, word * LANES);
    }
  }

  /** As {@link #load(byte[][], int[], int, int[])}, from words; {@code starts} counts ints. */
  static void load(int[] input, int[] starts, int[] words) {
    for (int word = 0; word < WORDS; word += LANES) {
      for (int lane = 0; lane < LANES; lane += 4) {
        four(
            input,
            starts[lane] + word,
            starts[lane + 1] + word,
            starts[lane + 2] + word,
            starts[lane + 3] + word,
            words,
            (word + lane) * LANES);
      }
      cross(words, word * LANES);
    }
  }

  /** Steps 0 and 1 for four rows. */
  private static void four(
      byte[][] inputs, int[] starts, int lane, int distance, int[] words, int at) {
    IntVector r0 =
        ByteVector.fromArray(BYTES, inputs[lane], starts[lane] + distance).reinterpretAsInts();
    IntVector r1 =
        ByteVector.fromArray(BYTES, inputs[lane + 1], starts[lane + 1] + distance)
            .reinterpretAsInts();
    IntVector r2 =
        ByteVector.fromArray(BYTES, inputs[lane + 2], starts[lane + 2] + distance)
            .reinterpretAsInts();
    IntVector r3 =
        ByteVector.fromArray(BYTES, inputs[lane + 3], starts[lane + 3] + distance)
            .reinterpretAsInts();
    IntVector t0 = r0.blend(swapped(r1), BIT_1);
    IntVector t1 = swapped(r0).blend(r1, BIT_1);
    IntVector t2 = r2.blend(swapped(r3), BIT_1);
    IntVector t3 = swapped(r2).blend(r3, BIT_1);
    t0.blend(t2.rearrange(SWAP_2), BIT_2).intoArray(words, at);
    t1.blend(t3.rearrange(SWAP_2), BIT_2).intoArray(words, at + LANES);
    t0.rearrange(SWAP_2).blend(t2, BIT_2).intoArray(words, at + 2 * LANES);
    t1.rearrange(SWAP_2).blend(t3, BIT_2).intoArray(words, at + 3 * LANES);
  }

  private static void four(int[] input, int s0, int s1, int s2, int s3, int[] words, int at) {
    IntVector r0 = IntVector.fromArray(INTS, input, s0);
    IntVector r1 = IntVector.fromArray(INTS, input, s1);
    IntVector r2 = IntVector.fromArray(INTS, input, s2);
    IntVector r3 = IntVector.fromArray(INTS, input, s3);
    IntVector t0 = r0.blend(swapped(r1), BIT_1);
    IntVector t1 = swapped(r0).blend(r1, BIT_1);
    IntVector t2 = r2.blend(swapped(r3), BIT_1);
    IntVector t3 = swapped(r2).blend(r3, BIT_1);
    t0.blend(t2.rearrange(SWAP_2), BIT_2).intoArray(words, at);
    t1.blend(t3.rearrange(SWAP_2), BIT_2).intoArray(words, at + LANES);
    t0.rearrange(SWAP_2).blend(t2, BIT_2).intoArray(words, at + 2 * LANES);
    t1.rearrange(SWAP_2).blend(t3, BIT_2).intoArray(words, at + 3 * LANES);
  }

  /** Swaps neighbours: a rotation of long words needs no port for shuffles. */
  private static IntVector swapped(IntVector row) {
    return row.reinterpretAsLongs().lanewise(VectorOperators.ROL, 32).reinterpretAsInts();
  }

  /** The remaining steps of a square. */
  private static void cross(int[] words, int at) {
    for (int row = 0; row < 4; row++) {
      if (LANES == 16) {
        quad(words, at + row * LANES);
      } else {
        pair(words, at + row * LANES);
      }
    }
  }

  private static void quad(int[] words, int at) {
    IntVector r0 = IntVector.fromArray(INTS, words, at);
    IntVector r1 = IntVector.fromArray(INTS, words, at + 4 * LANES);
    IntVector r2 = IntVector.fromArray(INTS, words, at + 8 * LANES);
    IntVector r3 = IntVector.fromArray(INTS, words, at + 12 * LANES);
    IntVector t0 = r0.blend(r1.rearrange(SWAP_4), BIT_4);
    IntVector t1 = r0.rearrange(SWAP_4).blend(r1, BIT_4);
    IntVector t2 = r2.blend(r3.rearrange(SWAP_4), BIT_4);
    IntVector t3 = r2.rearrange(SWAP_4).blend(r3, BIT_4);
    t0.blend(t2.rearrange(SWAP_8), BIT_8).intoArray(words, at);
    t1.blend(t3.rearrange(SWAP_8), BIT_8).intoArray(words, at + 4 * LANES);
    t0.rearrange(SWAP_8).blend(t2, BIT_8).intoArray(words, at + 8 * LANES);
    t1.rearrange(SWAP_8).blend(t3, BIT_8).intoArray(words, at + 12 * LANES);
  }

  private static void pair(int[] words, int at) {
    IntVector r0 = IntVector.fromArray(INTS, words, at);
    IntVector r1 = IntVector.fromArray(INTS, words, at + 4 * LANES);
    r0.blend(r1.rearrange(SWAP_4), BIT_4).intoArray(words, at);
    r0.rearrange(SWAP_4).blend(r1, BIT_4).intoArray(words, at + 4 * LANES);
  }
}
