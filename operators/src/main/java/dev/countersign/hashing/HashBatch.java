package dev.countersign.hashing;

import java.util.List;

/**
 * Hashes independent streams side by side, which is faster than one after the other. Its states
 * cost more than others where they are used alone. For one thread at a time.
 */
public interface HashBatch {

  /**
   * Bytes of one stream.
   *
   * @param state the stream's state, which this batch made
   * @param buffer has the bytes, and is the batch's until they are hashed
   * @param offset where they begin
   * @param length how many there are
   * @param isLast whether the stream ends with them; all that is left is to take its digest
   */
  // Pieces are never compared, and the bytes are not copied.
  @SuppressWarnings("ArrayRecordComponent")
  record Piece(HashState state, byte[] buffer, int offset, int length, boolean isLast) {}

  /** Returns how many streams it hashes at a time; of more, each begins when another has ended. */
  int lanes();

  /** Returns a new state that has seen nothing yet. */
  HashState newState();

  /**
   * Takes bytes of several streams. Most is gained with twice as many as there are lanes or more,
   * of similar lengths.
   *
   * @param pieces one for each stream
   * @throws IndexOutOfBoundsException if a range is not in its buffer
   * @throws IllegalArgumentException if a state is not of this batch
   */
  void update(List<Piece> pieces);
}
