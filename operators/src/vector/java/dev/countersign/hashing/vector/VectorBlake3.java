package dev.countersign.hashing.vector;

import static dev.countersign.hashing.vector.LaneTranspose.INTS;
import static dev.countersign.hashing.vector.LaneTranspose.LANES;
import static dev.countersign.hashing.vector.LaneTranspose.WORDS;

import dev.countersign.hashing.Blake3Compressor;
import dev.countersign.hashing.PortableBlake3;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * BLAKE3's compression function for as many chunks or parents at once as a vector has lanes.
 *
 * <p>Row i of a table has {@link LaneTranspose#LANES} ints, word i of each lane. C2 keeps vectors
 * in registers only as long as everything that takes or returns one is inlined, and in a method of
 * this size it still inlines the Vector API, but no method of ours: so there is no helper for a
 * part of a round, and what goes from one round to the next goes through {@link #state}.
 */
final class VectorBlake3 implements Blake3Compressor {

  /** Below this, one after the other is faster. */
  private static final int FEWEST = LANES / 4;

  private static final int ROUNDS = 7;

  private static final int[] INITIAL = {
    PortableBlake3.IV0,
    PortableBlake3.IV1,
    PortableBlake3.IV2,
    PortableBlake3.IV3,
    PortableBlake3.IV4,
    PortableBlake3.IV5,
    PortableBlake3.IV6,
    PortableBlake3.IV7
  };

  /** Table 2: how the words of the message move from one round to the next. */
  private static final int[] MOVES = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};

  /** The row of the message that each step of each round takes, as an index into the table. */
  private static final int[] SCHEDULE = schedule();

  private final Blake3Compressor single = new PortableBlake3();

  private final byte[][] inputs = new byte[LANES][];

  /** Where each lane's block begins. */
  private final int[] starts = new int[LANES];

  /** The message. */
  private final int[] words = new int[WORDS * LANES];

  /** Between rounds. */
  private final int[] state = new int[WORDS * LANES];

  /** Between blocks. */
  private final int[] chaining = new int[VALUE_INTS * LANES];

  /** The low words of the chunks' indexes, and the high ones. */
  private final int[] counters = new int[2 * LANES];

  private static int[] schedule() {
    int[] schedule = new int[ROUNDS * WORDS];
    for (int i = 0; i < WORDS; i++) {
      schedule[i] = i;
    }
    for (int i = WORDS; i < schedule.length; i++) {
      schedule[i] = schedule[i / WORDS * WORDS - WORDS + MOVES[i % WORDS]];
    }
    for (int i = 0; i < schedule.length; i++) {
      schedule[i] *= LANES;
    }
    return schedule;
  }

  @Override
  public void chunks(byte[] input, int offset, int count, long firstChunk, int[] values, int at) {
    Arrays.fill(inputs, input);
    int done = 0;
    for (int left = count; left >= FEWEST; left = count - done) {
      int lanes = Math.min(LANES, left);
      for (int lane = 0; lane < LANES; lane++) {
        // Lanes without a chunk repeat the last one.
        starts[lane] = offset + (done + Math.min(lane, lanes - 1)) * CHUNK_BYTES;
        long counter = firstChunk + done + lane;
        counters[lane] = (int) counter;
        counters[LANES + lane] = (int) (counter >>> 32);
      }
      begin();
      for (int block = 0; block < CHUNK_BYTES; block += PortableBlake3.BLOCK_BYTES) {
        LaneTranspose.load(inputs, starts, block, words);
        compress(
            (block == 0 ? PortableBlake3.CHUNK_START : 0)
                | (block == CHUNK_BYTES - PortableBlake3.BLOCK_BYTES
                    ? PortableBlake3.CHUNK_END
                    : 0));
      }
      store(values, at + done * VALUE_INTS, lanes);
      done += lanes;
    }
    single.chunks(
        input,
        offset + done * CHUNK_BYTES,
        count - done,
        firstChunk + done,
        values,
        at + done * VALUE_INTS);
  }

  @Override
  public void parents(int[] values, int from, int pairs, int at) {
    Arrays.fill(counters, 0);
    int done = 0;
    for (int left = pairs; left >= FEWEST; left = pairs - done) {
      int lanes = Math.min(LANES, left);
      for (int lane = 0; lane < LANES; lane++) {
        starts[lane] = from + 2 * VALUE_INTS * (done + Math.min(lane, lanes - 1));
      }
      begin();
      LaneTranspose.load(values, starts, words);
      compress(PortableBlake3.PARENT);
      store(values, at + done * VALUE_INTS, lanes);
      done += lanes;
    }
    single.parents(values, from + 2 * VALUE_INTS * done, pairs - done, at + done * VALUE_INTS);
  }

  private void begin() {
    for (int i = 0; i < VALUE_INTS; i++) {
      IntVector.broadcast(INTS, INITIAL[i]).intoArray(chaining, i * LANES);
    }
  }

  private void store(int[] values, int at, int lanes) {
    for (int lane = 0; lane < lanes; lane++) {
      for (int i = 0; i < VALUE_INTS; i++) {
        values[at + lane * VALUE_INTS + i] = chaining[i * LANES + lane];
      }
    }
  }

  private void compress(int flags) {
    int[] v = state;
    int[] m = words;
    System.arraycopy(chaining, 0, v, 0, 8 * LANES);
    for (int i = 0; i < 4; i++) {
      IntVector.broadcast(INTS, INITIAL[i]).intoArray(v, (8 + i) * LANES);
    }
    System.arraycopy(counters, 0, v, 12 * LANES, 2 * LANES);
    IntVector.broadcast(INTS, PortableBlake3.BLOCK_BYTES).intoArray(v, 14 * LANES);
    IntVector.broadcast(INTS, flags).intoArray(v, 15 * LANES);
    for (int s = 0; s < ROUNDS * WORDS; s += WORDS) {
      round(v, m, s);
    }
    for (int i = 0; i < 8 * LANES; i += LANES) {
      IntVector.fromArray(INTS, v, i)
          .lanewise(VectorOperators.XOR, IntVector.fromArray(INTS, v, 8 * LANES + i))
          .intoArray(chaining, i);
    }
  }

  private static void round(int[] v, int[] m, int s) {
    IntVector v0 = IntVector.fromArray(INTS, v, 0);
    IntVector v1 = IntVector.fromArray(INTS, v, 1 * LANES);
    IntVector v2 = IntVector.fromArray(INTS, v, 2 * LANES);
    IntVector v3 = IntVector.fromArray(INTS, v, 3 * LANES);
    IntVector v4 = IntVector.fromArray(INTS, v, 4 * LANES);
    IntVector v5 = IntVector.fromArray(INTS, v, 5 * LANES);
    IntVector v6 = IntVector.fromArray(INTS, v, 6 * LANES);
    IntVector v7 = IntVector.fromArray(INTS, v, 7 * LANES);
    IntVector v8 = IntVector.fromArray(INTS, v, 8 * LANES);
    IntVector v9 = IntVector.fromArray(INTS, v, 9 * LANES);
    IntVector v10 = IntVector.fromArray(INTS, v, 10 * LANES);
    IntVector v11 = IntVector.fromArray(INTS, v, 11 * LANES);
    IntVector v12 = IntVector.fromArray(INTS, v, 12 * LANES);
    IntVector v13 = IntVector.fromArray(INTS, v, 13 * LANES);
    IntVector v14 = IntVector.fromArray(INTS, v, 14 * LANES);
    IntVector v15 = IntVector.fromArray(INTS, v, 15 * LANES);
    v0 = v0.add(IntVector.fromArray(INTS, m, SCHEDULE[s])).add(v4);
    v1 = v1.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 2])).add(v5);
    v2 = v2.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 4])).add(v6);
    v3 = v3.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 6])).add(v7);
    v12 = v12.lanewise(VectorOperators.XOR, v0).lanewise(VectorOperators.ROR, 16);
    v13 = v13.lanewise(VectorOperators.XOR, v1).lanewise(VectorOperators.ROR, 16);
    v14 = v14.lanewise(VectorOperators.XOR, v2).lanewise(VectorOperators.ROR, 16);
    v15 = v15.lanewise(VectorOperators.XOR, v3).lanewise(VectorOperators.ROR, 16);
    v8 = v8.add(v12);
    v9 = v9.add(v13);
    v10 = v10.add(v14);
    v11 = v11.add(v15);
    v4 = v4.lanewise(VectorOperators.XOR, v8).lanewise(VectorOperators.ROR, 12);
    v5 = v5.lanewise(VectorOperators.XOR, v9).lanewise(VectorOperators.ROR, 12);
    v6 = v6.lanewise(VectorOperators.XOR, v10).lanewise(VectorOperators.ROR, 12);
    v7 = v7.lanewise(VectorOperators.XOR, v11).lanewise(VectorOperators.ROR, 12);
    v0 = v0.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 1])).add(v4);
    v1 = v1.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 3])).add(v5);
    v2 = v2.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 5])).add(v6);
    v3 = v3.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 7])).add(v7);
    v12 = v12.lanewise(VectorOperators.XOR, v0).lanewise(VectorOperators.ROR, 8);
    v13 = v13.lanewise(VectorOperators.XOR, v1).lanewise(VectorOperators.ROR, 8);
    v14 = v14.lanewise(VectorOperators.XOR, v2).lanewise(VectorOperators.ROR, 8);
    v15 = v15.lanewise(VectorOperators.XOR, v3).lanewise(VectorOperators.ROR, 8);
    v8 = v8.add(v12);
    v9 = v9.add(v13);
    v10 = v10.add(v14);
    v11 = v11.add(v15);
    v4 = v4.lanewise(VectorOperators.XOR, v8).lanewise(VectorOperators.ROR, 7);
    v5 = v5.lanewise(VectorOperators.XOR, v9).lanewise(VectorOperators.ROR, 7);
    v6 = v6.lanewise(VectorOperators.XOR, v10).lanewise(VectorOperators.ROR, 7);
    v7 = v7.lanewise(VectorOperators.XOR, v11).lanewise(VectorOperators.ROR, 7);
    v0 = v0.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 8])).add(v5);
    v1 = v1.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 10])).add(v6);
    v2 = v2.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 12])).add(v7);
    v3 = v3.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 14])).add(v4);
    v15 = v15.lanewise(VectorOperators.XOR, v0).lanewise(VectorOperators.ROR, 16);
    v12 = v12.lanewise(VectorOperators.XOR, v1).lanewise(VectorOperators.ROR, 16);
    v13 = v13.lanewise(VectorOperators.XOR, v2).lanewise(VectorOperators.ROR, 16);
    v14 = v14.lanewise(VectorOperators.XOR, v3).lanewise(VectorOperators.ROR, 16);
    v10 = v10.add(v15);
    v11 = v11.add(v12);
    v8 = v8.add(v13);
    v9 = v9.add(v14);
    v5 = v5.lanewise(VectorOperators.XOR, v10).lanewise(VectorOperators.ROR, 12);
    v6 = v6.lanewise(VectorOperators.XOR, v11).lanewise(VectorOperators.ROR, 12);
    v7 = v7.lanewise(VectorOperators.XOR, v8).lanewise(VectorOperators.ROR, 12);
    v4 = v4.lanewise(VectorOperators.XOR, v9).lanewise(VectorOperators.ROR, 12);
    v0 = v0.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 9])).add(v5);
    v1 = v1.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 11])).add(v6);
    v2 = v2.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 13])).add(v7);
    v3 = v3.add(IntVector.fromArray(INTS, m, SCHEDULE[s + 15])).add(v4);
    v15 = v15.lanewise(VectorOperators.XOR, v0).lanewise(VectorOperators.ROR, 8);
    v12 = v12.lanewise(VectorOperators.XOR, v1).lanewise(VectorOperators.ROR, 8);
    v13 = v13.lanewise(VectorOperators.XOR, v2).lanewise(VectorOperators.ROR, 8);
    v14 = v14.lanewise(VectorOperators.XOR, v3).lanewise(VectorOperators.ROR, 8);
    v10 = v10.add(v15);
    v11 = v11.add(v12);
    v8 = v8.add(v13);
    v9 = v9.add(v14);
    v5 = v5.lanewise(VectorOperators.XOR, v10).lanewise(VectorOperators.ROR, 7);
    v6 = v6.lanewise(VectorOperators.XOR, v11).lanewise(VectorOperators.ROR, 7);
    v7 = v7.lanewise(VectorOperators.XOR, v8).lanewise(VectorOperators.ROR, 7);
    v4 = v4.lanewise(VectorOperators.XOR, v9).lanewise(VectorOperators.ROR, 7);
    v0.intoArray(v, 0);
    v1.intoArray(v, 1 * LANES);
    v2.intoArray(v, 2 * LANES);
    v3.intoArray(v, 3 * LANES);
    v4.intoArray(v, 4 * LANES);
    v5.intoArray(v, 5 * LANES);
    v6.intoArray(v, 6 * LANES);
    v7.intoArray(v, 7 * LANES);
    v8.intoArray(v, 8 * LANES);
    v9.intoArray(v, 9 * LANES);
    v10.intoArray(v, 10 * LANES);
    v11.intoArray(v, 11 * LANES);
    v12.intoArray(v, 12 * LANES);
    v13.intoArray(v, 13 * LANES);
    v14.intoArray(v, 14 * LANES);
    v15.intoArray(v, 15 * LANES);
  }
}
