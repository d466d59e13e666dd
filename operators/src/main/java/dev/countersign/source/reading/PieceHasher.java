package dev.countersign.source.reading;

import dev.countersign.hashing.Blake3Compressor;
import dev.countersign.hashing.Blake3Kernel;
import dev.countersign.hashing.Blake3State;
import dev.countersign.hashing.HashState;
import java.util.function.Supplier;

/**
 * Cuts a stream of bytes at the multiples of a size and hashes each piece. Several of them may take
 * the same bytes, so that a range is read once and cut in several ways. Not thread safe.
 */
final class PieceHasher {

  /** Takes the digests, in order. */
  @FunctionalInterface
  interface Sink {

    /**
     * A piece is whole.
     *
     * @param start its first byte in the file
     * @param end its end in the file, exclusive
     */
    void digested(long start, long end, byte[] digest);
  }

  private final HashState state;
  private final Supplier<byte[]> result;
  private final long size;
  private final Sink sink;
  private long pieceStart;
  private long position;
  private long boundary;

  /**
   * A hasher for one range.
   *
   * @param state a state from nothing; it is so again after {@link #finish}
   * @param size greatest length of a piece in bytes; 0 if the range is one piece, however long
   * @param start where the range begins in the file; a multiple of {@code size}, if that is not 0
   */
  PieceHasher(HashState state, long size, long start, Sink sink) {
    this(state, state::digest, size, start, sink);
  }

  private PieceHasher(HashState state, Supplier<byte[]> result, long size, long start, Sink sink) {
    this.state = state;
    this.result = result;
    this.size = size;
    this.sink = sink;
    this.pieceStart = start;
    this.position = start;
    this.boundary = boundaryAfter(start);
  }

  /** A hasher for a subtree that begins at {@code start}; its sink takes the chaining value. */
  static PieceHasher ofSubtree(Blake3Kernel kernel, long start, Sink sink) {
    Blake3State state = kernel.newSubtree(start / Blake3Compressor.CHUNK_BYTES);
    return new PieceHasher(state, state::chainingValue, 0, start, sink);
  }

  /** Takes the first {@code length} bytes of {@code bytes}. */
  void update(byte[] bytes, int length) {
    int offset = 0;
    while (offset < length) {
      int part = (int) Math.min(length - offset, boundary - position);
      state.update(bytes, offset, part);
      offset += part;
      position += part;
      if (position == boundary) {
        end();
      }
    }
  }

  /**
   * Ends the last piece. A range without bytes is one piece if it is not cut, and none if it is.
   */
  void finish() {
    if (size == 0 || position > pieceStart) {
      end();
    }
  }

  private void end() {
    sink.digested(pieceStart, position, result.get());
    pieceStart = position;
    boundary = boundaryAfter(position);
  }

  private long boundaryAfter(long start) {
    return size == 0 || size > Long.MAX_VALUE - start ? Long.MAX_VALUE : start + size;
  }
}
