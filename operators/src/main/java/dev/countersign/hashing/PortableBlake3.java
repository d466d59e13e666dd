package dev.countersign.hashing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * BLAKE3's compression function in portable Java, one block at a time.
 *
 * <p>Source: J. O'Connor, J.-P. Aumasson, S. Neves, Z. Wilcox-O'Hearn, "BLAKE3: one function, fast
 * everywhere", version 20211102, sections 2.1 to 2.5. From one round to the next the sixteen words
 * of the message move along two cycles of eight (table 2). So the message is kept in the order of
 * these cycles, each as long as seven rounds need it, and a round finds its words at a fixed
 * distance plus its own number.
 */
public final class PortableBlake3 implements Blake3Compressor {

  /** Length of a block, in bytes. */
  public static final int BLOCK_BYTES = 64;

  // Table 3: domain flags.
  public static final int CHUNK_START = 1;
  public static final int CHUNK_END = 1 << 1;
  public static final int PARENT = 1 << 2;
  static final int ROOT = 1 << 3;

  // Table 1: initial values, those of SHA-256.
  public static final int IV0 = 0x6A09E667;
  public static final int IV1 = 0xBB67AE85;
  public static final int IV2 = 0x3C6EF372;
  public static final int IV3 = 0xA54FF53A;
  public static final int IV4 = 0x510E527F;
  public static final int IV5 = 0x9B05688C;
  public static final int IV6 = 0x1F83D9AB;
  public static final int IV7 = 0x5BE0CD19;

  private static final int ROUNDS = 7;

  /** Words of the message in the order of the first cycle, then in that of the second. */
  private static final int[] FIRST_CYCLE = {0, 2, 3, 10, 12, 9, 11, 5};

  private static final int[] SECOND_CYCLE = {1, 6, 4, 7, 13, 14, 15, 8};

  /** Length of a cycle as seven rounds read it, beginning at each of its eight words. */
  private static final int CYCLE = 8 + ROUNDS - 1;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** Two cycles. */
  private final int[] message = new int[2 * CYCLE];

  private final int[] chaining = new int[VALUE_INTS];

  @Override
  public void chunks(byte[] input, int offset, int count, long firstChunk, int[] values, int at) {
    for (int i = 0; i < count; i++) {
      int start = offset + i * CHUNK_BYTES;
      chunk(input, start, CHUNK_BYTES, firstChunk + i, CHUNK_END, values, at + i * VALUE_INTS);
    }
  }

  @Override
  public void parents(int[] values, int from, int pairs, int at) {
    for (int i = 0; i < pairs; i++) {
      parent(values, from + 2 * i * VALUE_INTS, 0, at + i * VALUE_INTS);
    }
  }

  /**
   * Compresses one chunk, which may be the last one and then has fewer bytes or none.
   *
   * @param lastFlags flags of its last block
   */
  void chunk(
      byte[] input, int offset, int length, long index, int lastFlags, int[] values, int at) {
    begin();
    int flags = CHUNK_START;
    int done = 0;
    for (; length - done > BLOCK_BYTES; done += BLOCK_BYTES) {
      load(input, offset + done);
      compress(index, BLOCK_BYTES, flags);
      flags = 0;
    }
    if (length - done == BLOCK_BYTES) {
      load(input, offset + done);
    } else {
      byte[] padded = new byte[BLOCK_BYTES];
      System.arraycopy(input, offset + done, padded, 0, length - done);
      load(padded, 0);
    }
    compress(index, length - done, flags | lastFlags);
    System.arraycopy(chaining, 0, values, at, VALUE_INTS);
  }

  /** Compresses one parent of the children at {@code from}. */
  void parent(int[] values, int from, int flags, int at) {
    begin();
    for (int i = 0; i < FIRST_CYCLE.length; i++) {
      message[i] = values[from + FIRST_CYCLE[i]];
      message[CYCLE + i] = values[from + SECOND_CYCLE[i]];
    }
    repeat();
    compress(0, BLOCK_BYTES, PARENT | flags);
    System.arraycopy(chaining, 0, values, at, VALUE_INTS);
  }

  private void begin() {
    chaining[0] = IV0;
    chaining[1] = IV1;
    chaining[2] = IV2;
    chaining[3] = IV3;
    chaining[4] = IV4;
    chaining[5] = IV5;
    chaining[6] = IV6;
    chaining[7] = IV7;
  }

  private void load(byte[] block, int offset) {
    for (int i = 0; i < FIRST_CYCLE.length; i++) {
      message[i] = (int) INTS.get(block, offset + Integer.BYTES * FIRST_CYCLE[i]);
      message[CYCLE + i] = (int) INTS.get(block, offset + Integer.BYTES * SECOND_CYCLE[i]);
    }
    repeat();
  }

  /** Begins each cycle again after its end. */
  private void repeat() {
    System.arraycopy(message, 0, message, 8, ROUNDS - 1);
    System.arraycopy(message, CYCLE, message, CYCLE + 8, ROUNDS - 1);
  }

  /** Section 2.2, of which only the first half of the output is needed. */
  private void compress(long counter, int blockLength, int flags) {
    int[] h = chaining;
    int[] m = message;
    int v0 = h[0];
    int v1 = h[1];
    int v2 = h[2];
    int v3 = h[3];
    int v4 = h[4];
    int v5 = h[5];
    int v6 = h[6];
    int v7 = h[7];
    int v8 = IV0;
    int v9 = IV1;
    int v10 = IV2;
    int v11 = IV3;
    int v12 = (int) counter;
    int v13 = (int) (counter >>> 32);
    int v14 = blockLength;
    int v15 = flags;
    for (int r = 0; r < ROUNDS; r++) {
      v0 += m[r] + v4;
      v12 = Integer.rotateRight(v12 ^ v0, 16);
      v8 += v12;
      v4 = Integer.rotateRight(v4 ^ v8, 12);
      v0 += m[r + 14] + v4;
      v12 = Integer.rotateRight(v12 ^ v0, 8);
      v8 += v12;
      v4 = Integer.rotateRight(v4 ^ v8, 7);
      v1 += m[r + 1] + v5;
      v13 = Integer.rotateRight(v13 ^ v1, 16);
      v9 += v13;
      v5 = Integer.rotateRight(v5 ^ v9, 12);
      v1 += m[r + 2] + v5;
      v13 = Integer.rotateRight(v13 ^ v1, 8);
      v9 += v13;
      v5 = Integer.rotateRight(v5 ^ v9, 7);
      v2 += m[r + 16] + v6;
      v14 = Integer.rotateRight(v14 ^ v2, 16);
      v10 += v14;
      v6 = Integer.rotateRight(v6 ^ v10, 12);
      v2 += m[r + 7] + v6;
      v14 = Integer.rotateRight(v14 ^ v2, 8);
      v10 += v14;
      v6 = Integer.rotateRight(v6 ^ v10, 7);
      v3 += m[r + 15] + v7;
      v15 = Integer.rotateRight(v15 ^ v3, 16);
      v11 += v15;
      v7 = Integer.rotateRight(v7 ^ v11, 12);
      v3 += m[r + 17] + v7;
      v15 = Integer.rotateRight(v15 ^ v3, 8);
      v11 += v15;
      v7 = Integer.rotateRight(v7 ^ v11, 7);
      v0 += m[r + 21] + v5;
      v15 = Integer.rotateRight(v15 ^ v0, 16);
      v10 += v15;
      v5 = Integer.rotateRight(v5 ^ v10, 12);
      v0 += m[r + 5] + v5;
      v15 = Integer.rotateRight(v15 ^ v0, 8);
      v10 += v15;
      v5 = Integer.rotateRight(v5 ^ v10, 7);
      v1 += m[r + 3] + v6;
      v12 = Integer.rotateRight(v12 ^ v1, 16);
      v11 += v12;
      v6 = Integer.rotateRight(v6 ^ v11, 12);
      v1 += m[r + 6] + v6;
      v12 = Integer.rotateRight(v12 ^ v1, 8);
      v11 += v12;
      v6 = Integer.rotateRight(v6 ^ v11, 7);
      v2 += m[r + 4] + v7;
      v13 = Integer.rotateRight(v13 ^ v2, 16);
      v8 += v13;
      v7 = Integer.rotateRight(v7 ^ v8, 12);
      v2 += m[r + 18] + v7;
      v13 = Integer.rotateRight(v13 ^ v2, 8);
      v8 += v13;
      v7 = Integer.rotateRight(v7 ^ v8, 7);
      v3 += m[r + 19] + v4;
      v14 = Integer.rotateRight(v14 ^ v3, 16);
      v9 += v14;
      v4 = Integer.rotateRight(v4 ^ v9, 12);
      v3 += m[r + 20] + v4;
      v14 = Integer.rotateRight(v14 ^ v3, 8);
      v9 += v14;
      v4 = Integer.rotateRight(v4 ^ v9, 7);
    }
    h[0] = v0 ^ v8;
    h[1] = v1 ^ v9;
    h[2] = v2 ^ v10;
    h[3] = v3 ^ v11;
    h[4] = v4 ^ v12;
    h[5] = v5 ^ v13;
    h[6] = v6 ^ v14;
    h[7] = v7 ^ v15;
  }
}
