package dev.countersign.hashing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * A BLAKE2b hash in progress, with a digest of 512 bits and without a key (RFC 7693), of at most
 * 2^63 - 1 bytes. For one thread at a time.
 */
final class Blake2bState implements HashState {

  static final int DIGEST_BYTES = 64;

  private static final int BLOCK_BYTES = 128;
  private static final int BLOCK_WORDS = 16;
  private static final int ROUNDS = 12;

  // Section 2.6: initial values, those of SHA-512.
  private static final long IV0 = 0x6A09E667F3BCC908L;
  private static final long IV1 = 0xBB67AE8584CAA73BL;
  private static final long IV2 = 0x3C6EF372FE94F82BL;
  private static final long IV3 = 0xA54FF53A5F1D36F1L;
  private static final long IV4 = 0x510E527FADE682D1L;
  private static final long IV5 = 0x9B05688C2B3E6C1FL;
  private static final long IV6 = 0x1F83D9ABFB41BD6BL;
  private static final long IV7 = 0x5BE0CD19137E2179L;

  /** Section 2.5: the parameter block says 64 bytes, no key, one leaf. */
  private static final long PARAMETERS = 0x01010000L ^ DIGEST_BYTES;

  /** Section 2.7: where each round finds its words; the eleventh begins again with the first. */
  private static final byte[] SCHEDULE = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
    11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
    7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
    9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
    2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
    12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
    13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
    6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
    10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3
  };

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final long[] h = new long[8];
  private final long[] message = new long[BLOCK_WORDS];

  /** The last block, as far as it is known. */
  private final byte[] block = new byte[BLOCK_BYTES];

  private int filled;

  /** Bytes that are compressed. */
  private long done;

  Blake2bState() {
    begin();
  }

  private void begin() {
    h[0] = IV0 ^ PARAMETERS;
    h[1] = IV1;
    h[2] = IV2;
    h[3] = IV3;
    h[4] = IV4;
    h[5] = IV5;
    h[6] = IV6;
    h[7] = IV7;
    filled = 0;
    done = 0;
  }

  @Override
  public void update(byte[] buffer, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    int end = offset + length;
    int next = offset;
    while (next < end) {
      if (filled == BLOCK_BYTES) {
        compress(block, 0, BLOCK_BYTES, 0);
        filled = 0;
      }
      // The last block is kept back, as it is compressed in another way.
      if (filled == 0) {
        for (; end - next > BLOCK_BYTES; next += BLOCK_BYTES) {
          compress(buffer, next, BLOCK_BYTES, 0);
        }
      }
      int part = Math.min(BLOCK_BYTES - filled, end - next);
      System.arraycopy(buffer, next, block, filled, part);
      filled += part;
      next += part;
    }
  }

  @Override
  public byte[] digest() {
    Arrays.fill(block, filled, BLOCK_BYTES, (byte) 0);
    compress(block, 0, filled, -1);
    ByteBuffer digest = ByteBuffer.allocate(DIGEST_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    digest.asLongBuffer().put(h);
    begin();
    return digest.array();
  }

  /**
   * Section 3.2.
   *
   * @param length how many bytes of the block count
   * @param last all ones for the last block, otherwise 0
   */
  private void compress(byte[] input, int offset, int length, long last) {
    done += length;
    long[] m = message;
    for (int i = 0; i < BLOCK_WORDS; i++) {
      m[i] = (long) LONGS.get(input, offset + i * Long.BYTES);
    }
    byte[] s = SCHEDULE;
    long v0 = h[0];
    long v1 = h[1];
    long v2 = h[2];
    long v3 = h[3];
    long v4 = h[4];
    long v5 = h[5];
    long v6 = h[6];
    long v7 = h[7];
    long v8 = IV0;
    long v9 = IV1;
    long v10 = IV2;
    long v11 = IV3;
    long v12 = IV4 ^ done;
    long v13 = IV5;
    long v14 = IV6 ^ last;
    long v15 = IV7;
    for (int r = 0; r < ROUNDS * BLOCK_WORDS; r += BLOCK_WORDS) {
      v0 += m[s[r]] + v4;
      v12 = Long.rotateRight(v12 ^ v0, 32);
      v8 += v12;
      v4 = Long.rotateRight(v4 ^ v8, 24);
      v0 += m[s[r + 1]] + v4;
      v12 = Long.rotateRight(v12 ^ v0, 16);
      v8 += v12;
      v4 = Long.rotateRight(v4 ^ v8, 63);
      v1 += m[s[r + 2]] + v5;
      v13 = Long.rotateRight(v13 ^ v1, 32);
      v9 += v13;
      v5 = Long.rotateRight(v5 ^ v9, 24);
      v1 += m[s[r + 3]] + v5;
      v13 = Long.rotateRight(v13 ^ v1, 16);
      v9 += v13;
      v5 = Long.rotateRight(v5 ^ v9, 63);
      v2 += m[s[r + 4]] + v6;
      v14 = Long.rotateRight(v14 ^ v2, 32);
      v10 += v14;
      v6 = Long.rotateRight(v6 ^ v10, 24);
      v2 += m[s[r + 5]] + v6;
      v14 = Long.rotateRight(v14 ^ v2, 16);
      v10 += v14;
      v6 = Long.rotateRight(v6 ^ v10, 63);
      v3 += m[s[r + 6]] + v7;
      v15 = Long.rotateRight(v15 ^ v3, 32);
      v11 += v15;
      v7 = Long.rotateRight(v7 ^ v11, 24);
      v3 += m[s[r + 7]] + v7;
      v15 = Long.rotateRight(v15 ^ v3, 16);
      v11 += v15;
      v7 = Long.rotateRight(v7 ^ v11, 63);
      v0 += m[s[r + 8]] + v5;
      v15 = Long.rotateRight(v15 ^ v0, 32);
      v10 += v15;
      v5 = Long.rotateRight(v5 ^ v10, 24);
      v0 += m[s[r + 9]] + v5;
      v15 = Long.rotateRight(v15 ^ v0, 16);
      v10 += v15;
      v5 = Long.rotateRight(v5 ^ v10, 63);
      v1 += m[s[r + 10]] + v6;
      v12 = Long.rotateRight(v12 ^ v1, 32);
      v11 += v12;
      v6 = Long.rotateRight(v6 ^ v11, 24);
      v1 += m[s[r + 11]] + v6;
      v12 = Long.rotateRight(v12 ^ v1, 16);
      v11 += v12;
      v6 = Long.rotateRight(v6 ^ v11, 63);
      v2 += m[s[r + 12]] + v7;
      v13 = Long.rotateRight(v13 ^ v2, 32);
      v8 += v13;
      v7 = Long.rotateRight(v7 ^ v8, 24);
      v2 += m[s[r + 13]] + v7;
      v13 = Long.rotateRight(v13 ^ v2, 16);
      v8 += v13;
      v7 = Long.rotateRight(v7 ^ v8, 63);
      v3 += m[s[r + 14]] + v4;
      v14 = Long.rotateRight(v14 ^ v3, 32);
      v9 += v14;
      v4 = Long.rotateRight(v4 ^ v9, 24);
      v3 += m[s[r + 15]] + v4;
      v14 = Long.rotateRight(v14 ^ v3, 16);
      v9 += v14;
      v4 = Long.rotateRight(v4 ^ v9, 63);
    }
    h[0] ^= v0 ^ v8;
    h[1] ^= v1 ^ v9;
    h[2] ^= v2 ^ v10;
    h[3] ^= v3 ^ v11;
    h[4] ^= v4 ^ v12;
    h[5] ^= v5 ^ v13;
    h[6] ^= v6 ^ v14;
    h[7] ^= v7 ^ v15;
  }
}
