package dev.countersign.hashing;

import java.util.function.Supplier;

/** BLAKE3 with a digest of 256 bits, of whole inputs and of subtrees. */
public final class Blake3Kernel implements HashKernel {

  private final String description;
  private final Supplier<Blake3Compressor> compressors;

  /**
   * Makes a kernel.
   *
   * @param description a name for people
   * @param compressors makes a new compressor each time
   */
  public Blake3Kernel(String description, Supplier<Blake3Compressor> compressors) {
    this.description = description;
    this.compressors = compressors;
  }

  @Override
  public String algorithm() {
    return "blake3";
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public int digestLength() {
    return Blake3Compressor.VALUE_INTS * Integer.BYTES;
  }

  @Override
  public Blake3State newState() {
    return newSubtree(0);
  }

  /**
   * Returns a new state for a subtree of an input. The caller aligns it: it begins at a multiple of
   * the power of two chunks that a subtree has.
   *
   * @param firstChunk index of its first chunk in the whole input
   * @throws IllegalArgumentException if {@code firstChunk} is negative
   */
  public Blake3State newSubtree(long firstChunk) {
    if (firstChunk < 0) {
      throw new IllegalArgumentException("a subtree begins at chunk 0 or later: " + firstChunk);
    }
    return new Blake3State(compressors.get(), firstChunk);
  }
}
