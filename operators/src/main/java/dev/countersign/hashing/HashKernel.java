package dev.countersign.hashing;

import java.util.function.Supplier;

/** One implementation of one hash algorithm. Stateless, so any thread may use it. */
public final class HashKernel {

  private final String algorithm;
  private final String description;
  private final int digestLength;
  private final Supplier<HashState> states;

  /**
   * Makes a kernel.
   *
   * @param states makes a new state each time
   */
  HashKernel(String algorithm, String description, int digestLength, Supplier<HashState> states) {
    this.algorithm = algorithm;
    this.description = description;
    this.digestLength = digestLength;
    this.states = states;
  }

  /** Returns the algorithm as OMS names it: {@code sha256}, {@code blake2b} or {@code blake3}. */
  public String algorithm() {
    return algorithm;
  }

  /** Returns what people are told is in use, such as {@code JDK SHA-256}. */
  public String description() {
    return description;
  }

  /** Returns the length of a digest, in bytes. */
  public int digestLength() {
    return digestLength;
  }

  /** Returns a new state that has seen nothing yet. */
  public HashState newState() {
    return states.get();
  }
}
