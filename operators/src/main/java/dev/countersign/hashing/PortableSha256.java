package dev.countersign.hashing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/** A SHA-256 hash in progress (FIPS 180-4), of fewer than 2^61 bytes. For one thread at a time. */
public final class PortableSha256 implements HashState {

  /** Length of a block, in bytes. */
  public static final int BLOCK_BYTES = 64;

  /** Length of a digest, in bytes. */
  public static final int DIGEST_BYTES = 32;

  /** Where the length of the message is in the last block, in bytes. */
  public static final int LENGTH_AT = BLOCK_BYTES - Long.BYTES;

  /** Length of the message schedule, in words. */
  public static final int ROUNDS = 64;

  private static final int BLOCK_WORDS = 16;

  /** Section 5.3.3: the first 32 bits of the fractional parts of square roots of primes. */
  private static final int[] INITIAL = {
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19
  };

  /** Section 4.2.2: the same of cube roots. */
  private static final int[] ROUND_CONSTANTS = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2
  };

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final int[] h = INITIAL.clone();
  private final int[] words = new int[ROUNDS];
  private final byte[] block = new byte[BLOCK_BYTES];
  private int filled;

  /** Bytes that are compressed. */
  private long done;

  PortableSha256() {}

  /** Returns the initial value, in a new array. */
  public static int[] initialValue() {
    return INITIAL.clone();
  }

  /** Returns the constants of the 64 rounds, in a new array. */
  public static int[] roundConstants() {
    return ROUND_CONSTANTS.clone();
  }

  @Override
  public void update(byte[] buffer, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    int end = offset + length;
    int next = offset;
    while (next < end) {
      if (filled == 0) {
        for (; end - next >= BLOCK_BYTES; next += BLOCK_BYTES) {
          compress(buffer, next);
        }
      }
      int part = Math.min(BLOCK_BYTES - filled, end - next);
      System.arraycopy(buffer, next, block, filled, part);
      filled += part;
      next += part;
      if (filled == BLOCK_BYTES) {
        compress(block, 0);
        filled = 0;
      }
    }
  }

  @Override
  public byte[] digest() {
    long bits = (done + filled) * Byte.SIZE;
    block[filled] = (byte) 0x80;
    Arrays.fill(block, filled + 1, BLOCK_BYTES, (byte) 0);
    if (filled >= LENGTH_AT) {
      compress(block, 0);
      Arrays.fill(block, (byte) 0);
    }
    ByteBuffer.wrap(block).putLong(LENGTH_AT, bits);
    compress(block, 0);
    ByteBuffer digest = ByteBuffer.allocate(DIGEST_BYTES);
    digest.asIntBuffer().put(h);
    System.arraycopy(INITIAL, 0, h, 0, INITIAL.length);
    filled = 0;
    done = 0;
    return digest.array();
  }

  private void compress(byte[] input, int offset) {
    done += BLOCK_BYTES;
    compress(h, input, offset, words);
  }

  /**
   * Section 6.2.2.
   *
   * @param h intermediate hash value, which is replaced by the next one
   * @param w room for {@link #ROUNDS} words
   */
  public static void compress(int[] h, byte[] input, int offset, int[] w) {
    for (int t = 0; t < BLOCK_WORDS; t++) {
      w[t] = (int) INTS.get(input, offset + t * Integer.BYTES);
    }
    for (int t = BLOCK_WORDS; t < ROUNDS; t++) {
      int x = w[t - 15];
      int y = w[t - 2];
      w[t] =
          w[t - 16]
              + (Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ (x >>> 3))
              + w[t - 7]
              + (Integer.rotateRight(y, 17) ^ Integer.rotateRight(y, 19) ^ (y >>> 10));
    }
    int a = h[0];
    int b = h[1];
    int c = h[2];
    int d = h[3];
    int e = h[4];
    int f = h[5];
    int g = h[6];
    int last = h[7];
    for (int t = 0; t < ROUNDS; t++) {
      int t1 =
          last
              + (Integer.rotateRight(e, 6)
                  ^ Integer.rotateRight(e, 11)
                  ^ Integer.rotateRight(e, 25))
              + (g ^ (e & (f ^ g)))
              + ROUND_CONSTANTS[t]
              + w[t];
      int t2 =
          (Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22))
              + ((a & b) | (c & (a | b)));
      last = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
    h[5] += f;
    h[6] += g;
    h[7] += last;
  }
}
