package dev.countersign.hashing;

/**
 * Computes chaining values of BLAKE3's chunks and parent nodes, which is nearly all of the work. A
 * chaining value is eight ints of an array. Instances have buffers of their own, so each is for one
 * thread at a time.
 */
public interface Blake3Compressor {

  /** Length of a chunk, in bytes. */
  int CHUNK_BYTES = 1_024;

  /** Length of a chaining value, in ints. */
  int VALUE_INTS = 8;

  /**
   * Computes the chaining values of whole chunks that are not the root.
   *
   * @param input has the chunks one after the other, from {@code offset} on
   * @param count how many chunks
   * @param firstChunk index of the first chunk in the whole input
   * @param values takes the chaining values, from index {@code at} on
   */
  void chunks(byte[] input, int offset, int count, long firstChunk, int[] values, int at);

  /**
   * Computes the chaining values of parent nodes that are not the root.
   *
   * @param values has the chaining values of the children, pair by pair, from index {@code from}
   *     on, and takes those of the parents from index {@code at} on
   * @param pairs how many parents
   * @param at at most {@code from + VALUE_INTS}, so that no parent replaces children of a later one
   */
  void parents(int[] values, int from, int pairs, int at);
}
