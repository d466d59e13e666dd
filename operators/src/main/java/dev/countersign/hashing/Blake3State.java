package dev.countersign.hashing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A BLAKE3 hash in progress: of a whole input, or of a subtree of one that is hashed in several
 * places ({@link Blake3Tree} merges these). For one thread at a time.
 *
 * <p>Whole chunks are hashed straight from the caller's buffer, many at once. The last chunk is
 * kept back, as it may be the root or a part of it; of the tree, one chaining value is kept for
 * each complete subtree that waits for its sibling. So memory does not depend on the length of the
 * input.
 */
public final class Blake3State implements HashState {

  /** Limit on the chunks that are hashed before their parents. */
  private static final int BATCH = 256;

  /** Levels of the tree of an input of 2^64 - 1 bytes. */
  private static final int LEVELS = 54;

  private static final int CHUNK = Blake3Compressor.CHUNK_BYTES;
  private static final int VALUE = Blake3Compressor.VALUE_INTS;
  private static final int DIGEST_BYTES = VALUE * Integer.BYTES;

  private final Blake3Compressor compressor;
  private final PortableBlake3 single = new PortableBlake3();
  private final long firstChunk;

  /** The last chunk, as far as it is known. */
  private final byte[] chunk = new byte[CHUNK];

  private int filled;

  /** Chunks that are hashed; bit n is set if {@link #nodes} has a subtree of 2^n chunks. */
  private long chunks;

  private final int[] nodes = new int[LEVELS * VALUE];

  /** The values of one batch, after room for a left sibling of the first. */
  private final int[] values = new int[(1 + BATCH) * VALUE];

  /**
   * Makes a state.
   *
   * @param firstChunk index in the whole input of the chunk that this state begins with
   */
  Blake3State(Blake3Compressor compressor, long firstChunk) {
    this.compressor = compressor;
    this.firstChunk = firstChunk;
  }

  @Override
  public void update(byte[] buffer, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    int end = offset + length;
    int next = offset;
    while (next < end) {
      if (filled == CHUNK) {
        hash(chunk, 0, 1);
        filled = 0;
      }
      int whole = (end - next - 1) / CHUNK;
      if (filled == 0 && whole > 0) {
        int count = Math.min(whole, BATCH);
        hash(buffer, next, count);
        next += count * CHUNK;
      } else {
        int part = Math.min(CHUNK - filled, end - next);
        System.arraycopy(buffer, next, chunk, filled, part);
        filled += part;
        next += part;
      }
    }
  }

  /** Takes whole chunks that others follow. */
  private void hash(byte[] input, int offset, int count) {
    compressor.chunks(input, offset, count, firstChunk + chunks, values, VALUE);
    long position = chunks;
    int nodesLeft = count;
    for (int level = 0; nodesLeft > 0; level++) {
      int from = VALUE;
      if ((position & 1) == 1) {
        // The first one is the right child of a parent whose left child waits.
        from = 0;
        nodesLeft++;
        System.arraycopy(nodes, level * VALUE, values, 0, VALUE);
      }
      if ((nodesLeft & 1) == 1) {
        System.arraycopy(values, from + (nodesLeft - 1) * VALUE, nodes, level * VALUE, VALUE);
      }
      nodesLeft >>= 1;
      position >>>= 1;
      compressor.parents(values, from, nodesLeft, VALUE);
    }
    chunks += count;
  }

  @Override
  public byte[] digest() {
    if (firstChunk != 0) {
      throw new IllegalStateException("a part of an input has no digest");
    }
    return finish(PortableBlake3.ROOT);
  }

  /**
   * Returns the chaining value of the subtree of all bytes taken, in a new array, and starts again
   * from nothing.
   *
   * @throws IllegalStateException if there are no bytes
   */
  public byte[] chainingValue() {
    if (chunks == 0 && filled == 0) {
      throw new IllegalStateException("a subtree has at least one byte");
    }
    return finish(0);
  }

  private byte[] finish(int rootFlag) {
    boolean isOneChunk = chunks == 0;
    single.chunk(
        chunk,
        0,
        filled,
        firstChunk + chunks,
        PortableBlake3.CHUNK_END | (isOneChunk ? rootFlag : 0),
        values,
        VALUE);
    for (long waiting = chunks; waiting != 0; waiting &= waiting - 1) {
      int level = Long.numberOfTrailingZeros(waiting);
      System.arraycopy(nodes, level * VALUE, values, 0, VALUE);
      boolean isTop = (waiting & (waiting - 1)) == 0;
      single.parent(values, 0, isTop ? rootFlag : 0, VALUE);
    }
    chunks = 0;
    filled = 0;
    ByteBuffer bytes = ByteBuffer.allocate(DIGEST_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values, VALUE, VALUE);
    return bytes.array();
  }
}
