package dev.countersign.hashing;

import java.util.function.Supplier;

/**
 * One implementation of one hash algorithm. Stateless, so any thread may use it.
 *
 * @param algorithm the algorithm as OMS names it: {@code sha256}, {@code blake2b} or {@code blake3}
 * @param description what people are told is in use, such as {@code JDK SHA-256}
 * @param digestLength the length of a digest, in bytes
 * @param states makes a new state each time
 */
public record HashKernel(
    String algorithm, String description, int digestLength, Supplier<HashState> states) {

  /** Returns a new state that has seen nothing yet. */
  public HashState newState() {
    return states.get();
  }
}
