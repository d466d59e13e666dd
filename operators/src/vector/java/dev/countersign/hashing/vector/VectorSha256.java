package dev.countersign.hashing.vector;

import static dev.countersign.hashing.vector.LaneTranspose.INTS;
import static dev.countersign.hashing.vector.LaneTranspose.LANES;
import static dev.countersign.hashing.vector.LaneTranspose.WORDS;

import dev.countersign.hashing.HashBatch;
import dev.countersign.hashing.HashState;
import dev.countersign.hashing.PortableSha256;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * SHA-256 of as many streams at once as a vector has lanes (FIPS 180-4, section 6.2). A lane whose
 * stream has no more blocks takes the next stream; lanes for which there is none run idle, and the
 * last stream alone goes on without vectors.
 *
 * <p>Row i of a table has {@link LaneTranspose#LANES} ints, word i of each lane. The methods that
 * hash neither take nor return a vector, since C2 would allocate it where it does not inline them.
 */
final class VectorSha256 implements HashBatch {

  private static final int BLOCK_BYTES = PortableSha256.BLOCK_BYTES;
  private static final int STATE_WORDS = 8;
  private static final int[] INITIAL = PortableSha256.initialValue();
  private static final int[] ROUND_CONSTANTS = PortableSha256.roundConstants();

  /** What idle lanes hash. */
  private static final byte[] NOTHING = new byte[BLOCK_BYTES];

  /** Intermediate hash values of the streams in the lanes. */
  private final int[] chaining = new int[STATE_WORDS * LANES];

  /** The message, and then the message schedule: a word replaces that of sixteen rounds before. */
  private final int[] words = new int[WORDS * LANES];

  /** The message schedule of a stream that goes on without vectors. */
  private final int[] single = new int[PortableSha256.ROUNDS];

  private final Stream[] streams = new Stream[LANES];
  private final byte[][] inputs = new byte[LANES][];
  private final int[] starts = new int[LANES];

  /** How far a lane goes on with each block; 0 if it is idle. */
  private final int[] steps = new int[LANES];

  /** How many lanes are not idle. */
  private int busy;

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public HashState newState() {
    return new Stream();
  }

  @Override
  public void update(List<Piece> pieces) {
    Deque<Stream> waiting = new ArrayDeque<>(pieces.size());
    for (Piece piece : pieces) {
      Objects.checkFromIndexSize(piece.offset(), piece.length(), piece.buffer().length);
      if (!(piece.state() instanceof Stream stream) || !stream.isOf(this)) {
        throw new IllegalArgumentException("a state of another batch");
      }
      waiting.add(stream);
    }
    if (new HashSet<>(waiting).size() < waiting.size()) {
      throw new IllegalArgumentException("two pieces of one stream");
    }
    pieces.forEach(piece -> ((Stream) piece.state()).take(piece));
    busy = LANES;
    for (int lane = 0; lane < LANES; lane++) {
      fill(lane, waiting);
    }
    while (busy > 1) {
      hashUntilALaneEnds(waiting);
    }
    for (int lane = 0; lane < LANES; lane++) {
      if (steps[lane] > 0) {
        streams[lane].leave(lane);
        streams[lane].hashAlone();
      }
    }
    Arrays.fill(streams, null);
    Arrays.fill(inputs, NOTHING);
  }

  private void hashUntilALaneEnds(Deque<Stream> waiting) {
    int blocks = Integer.MAX_VALUE;
    for (int lane = 0; lane < LANES; lane++) {
      if (steps[lane] > 0) {
        blocks = Math.min(blocks, streams[lane].blocks());
      }
    }
    for (int i = 0; i < blocks; i++) {
      LaneTranspose.load(inputs, starts, 0, words);
      compress(chaining, words);
      for (int lane = 0; lane < LANES; lane++) {
        starts[lane] += steps[lane];
      }
    }
    for (int lane = 0; lane < LANES; lane++) {
      if (steps[lane] > 0 && streams[lane].advance(blocks)) {
        if (streams[lane].blocks() > 0) {
          streams[lane].read(lane);
        } else {
          streams[lane].leave(lane);
          fill(lane, waiting);
        }
      }
    }
  }

  /** Gives a lane the next stream that has a block; without one, it is idle. */
  private void fill(int lane, Deque<Stream> waiting) {
    for (Stream next = waiting.poll(); next != null; next = waiting.poll()) {
      if (next.blocks() > 0) {
        streams[lane] = next;
        steps[lane] = BLOCK_BYTES;
        next.enter(lane);
        return;
      }
    }
    inputs[lane] = NOTHING;
    starts[lane] = 0;
    steps[lane] = 0;
    busy--;
  }

  private static void compress(int[] h, int[] w) {
    toBigEndian(w);
    IntVector v0 = IntVector.fromArray(INTS, h, 0);
    IntVector v1 = IntVector.fromArray(INTS, h, LANES);
    IntVector v2 = IntVector.fromArray(INTS, h, 2 * LANES);
    IntVector v3 = IntVector.fromArray(INTS, h, 3 * LANES);
    IntVector v4 = IntVector.fromArray(INTS, h, 4 * LANES);
    IntVector v5 = IntVector.fromArray(INTS, h, 5 * LANES);
    IntVector v6 = IntVector.fromArray(INTS, h, 6 * LANES);
    IntVector v7 = IntVector.fromArray(INTS, h, 7 * LANES);
    for (int t = 0; t < ROUND_CONSTANTS.length; t += WORDS) {
      if (t > 0) {
        schedule(w);
      }
      for (int i = 0; i < WORDS; i++) {
        IntVector sigma1 =
            v4.lanewise(VectorOperators.ROR, 6)
                .lanewise(VectorOperators.XOR, v4.lanewise(VectorOperators.ROR, 11))
                .lanewise(VectorOperators.XOR, v4.lanewise(VectorOperators.ROR, 25));
        IntVector choice =
            v4.and(v5.lanewise(VectorOperators.XOR, v6)).lanewise(VectorOperators.XOR, v6);
        IntVector t1 =
            v7.add(sigma1)
                .add(choice)
                .add(IntVector.fromArray(INTS, w, i * LANES).add(ROUND_CONSTANTS[t + i]));
        IntVector sigma0 =
            v0.lanewise(VectorOperators.ROR, 2)
                .lanewise(VectorOperators.XOR, v0.lanewise(VectorOperators.ROR, 13))
                .lanewise(VectorOperators.XOR, v0.lanewise(VectorOperators.ROR, 22));
        IntVector majority =
            v0.lanewise(VectorOperators.XOR, v1)
                .and(v1.lanewise(VectorOperators.XOR, v2))
                .lanewise(VectorOperators.XOR, v1);
        v7 = v6;
        v6 = v5;
        v5 = v4;
        v4 = v3.add(t1);
        v3 = v2;
        v2 = v1;
        v1 = v0;
        v0 = t1.add(sigma0.add(majority));
      }
    }
    v0.add(IntVector.fromArray(INTS, h, 0)).intoArray(h, 0);
    v1.add(IntVector.fromArray(INTS, h, LANES)).intoArray(h, LANES);
    v2.add(IntVector.fromArray(INTS, h, 2 * LANES)).intoArray(h, 2 * LANES);
    v3.add(IntVector.fromArray(INTS, h, 3 * LANES)).intoArray(h, 3 * LANES);
    v4.add(IntVector.fromArray(INTS, h, 4 * LANES)).intoArray(h, 4 * LANES);
    v5.add(IntVector.fromArray(INTS, h, 5 * LANES)).intoArray(h, 5 * LANES);
    v6.add(IntVector.fromArray(INTS, h, 6 * LANES)).intoArray(h, 6 * LANES);
    v7.add(IntVector.fromArray(INTS, h, 7 * LANES)).intoArray(h, 7 * LANES);
  }

  /** A shuffle of bytes would do, too, but C2 has none for 512 bits on some processors. */
  private static void toBigEndian(int[] w) {
    for (int i = 0; i < WORDS * LANES; i += LANES) {
      IntVector word = IntVector.fromArray(INTS, w, i);
      word.lanewise(VectorOperators.ROR, 8)
          .and(0xFF00FF00)
          .or(word.lanewise(VectorOperators.ROL, 8).and(0x00FF00FF))
          .intoArray(w, i);
    }
  }

  private static void schedule(int[] w) {
    for (int i = 0; i < WORDS; i++) {
      IntVector x = IntVector.fromArray(INTS, w, (i + 1) % WORDS * LANES);
      IntVector y = IntVector.fromArray(INTS, w, (i + 14) % WORDS * LANES);
      IntVector sigma0 =
          x.lanewise(VectorOperators.ROR, 7)
              .lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.ROR, 18))
              .lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 3));
      IntVector sigma1 =
          y.lanewise(VectorOperators.ROR, 17)
              .lanewise(VectorOperators.XOR, y.lanewise(VectorOperators.ROR, 19))
              .lanewise(VectorOperators.XOR, y.lanewise(VectorOperators.LSHR, 10));
      IntVector.fromArray(INTS, w, i * LANES)
          .add(IntVector.fromArray(INTS, w, (i + 9) % WORDS * LANES))
          .add(sigma0)
          .add(sigma1)
          .intoArray(w, i * LANES);
    }
  }

  /**
   * A stream, of which up to three runs of blocks wait to be hashed: one that began with bytes left
   * over from before, those in the caller's buffer, and the last ones with the padding.
   */
  private final class Stream implements HashState {

    private static final int MOST_RUNS = 3;

    private final int[] h = INITIAL.clone();
    private final byte[][] runs = new byte[MOST_RUNS][];
    private final int[] runStarts = new int[MOST_RUNS];
    private final int[] runBlocks = new int[MOST_RUNS];
    private int run;
    private int runCount;

    /** Less than a block that is left over, and room for the padding. */
    private byte[] rest = new byte[2 * BLOCK_BYTES];

    /** Takes what is left over next, while the block that {@link #rest} became waits. */
    private byte[] spare = new byte[2 * BLOCK_BYTES];

    private int filled;
    private long length;
    private boolean hasEnded;

    boolean isOf(VectorSha256 batch) {
      return VectorSha256.this == batch;
    }

    void take(Piece piece) {
      if (hasEnded) {
        throw new IllegalStateException("the stream has ended, and its digest was not taken");
      }
      run = 0;
      runCount = 0;
      length += piece.length();
      int next = piece.offset();
      int end = next + piece.length();
      if (filled > 0) {
        int part = Math.min(BLOCK_BYTES - filled, end - next);
        System.arraycopy(piece.buffer(), next, rest, filled, part);
        next += part;
        filled += part;
        if (filled == BLOCK_BYTES) {
          add(rest, 0, 1);
          byte[] complete = rest;
          rest = spare;
          spare = complete;
          filled = 0;
        }
      }
      int whole = (end - next) / BLOCK_BYTES;
      add(piece.buffer(), next, whole);
      next += whole * BLOCK_BYTES;
      System.arraycopy(piece.buffer(), next, rest, filled, end - next);
      filled += end - next;
      if (piece.isLast()) {
        pad();
      }
    }

    /** Section 5.1.1. */
    private void pad() {
      int blocks = filled < PortableSha256.LENGTH_AT ? 1 : 2;
      Arrays.fill(rest, filled, blocks * BLOCK_BYTES, (byte) 0);
      rest[filled] = (byte) 0x80;
      ByteBuffer.wrap(rest).putLong(blocks * BLOCK_BYTES - Long.BYTES, length * Byte.SIZE);
      add(rest, 0, blocks);
      filled = 0;
      length = 0;
      hasEnded = true;
    }

    private void add(byte[] input, int start, int blocks) {
      if (blocks > 0) {
        runs[runCount] = input;
        runStarts[runCount] = start;
        runBlocks[runCount] = blocks;
        runCount++;
      }
    }

    /** How many blocks are left of the run; 0 if there are no more runs. */
    int blocks() {
      return run < runCount ? runBlocks[run] : 0;
    }

    /** Goes on by so many blocks; returns whether the run is at its end. */
    boolean advance(int blocks) {
      runStarts[run] += blocks * BLOCK_BYTES;
      runBlocks[run] -= blocks;
      if (runBlocks[run] > 0) {
        return false;
      }
      run++;
      return true;
    }

    void enter(int lane) {
      for (int i = 0; i < STATE_WORDS; i++) {
        chaining[i * LANES + lane] = h[i];
      }
      read(lane);
    }

    void read(int lane) {
      inputs[lane] = runs[run];
      starts[lane] = runStarts[run];
    }

    void leave(int lane) {
      for (int i = 0; i < STATE_WORDS; i++) {
        h[i] = chaining[i * LANES + lane];
      }
    }

    void hashAlone() {
      for (; run < runCount; run++) {
        for (int i = 0; i < runBlocks[run]; i++) {
          PortableSha256.compress(h, runs[run], runStarts[run] + i * BLOCK_BYTES, single);
        }
      }
    }

    @Override
    public void update(byte[] buffer, int offset, int length) {
      VectorSha256.this.update(List.of(new Piece(this, buffer, offset, length, false)));
    }

    @Override
    public byte[] digest() {
      if (!hasEnded) {
        VectorSha256.this.update(List.of(new Piece(this, NOTHING, 0, 0, true)));
      }
      hasEnded = false;
      ByteBuffer digest = ByteBuffer.allocate(PortableSha256.DIGEST_BYTES);
      digest.asIntBuffer().put(h);
      System.arraycopy(INITIAL, 0, h, 0, STATE_WORDS);
      return digest.array();
    }
  }
}
