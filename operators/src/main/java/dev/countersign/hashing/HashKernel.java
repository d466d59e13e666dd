package dev.countersign.hashing;

import java.util.Optional;

/** One implementation of one hash algorithm. Stateless, so any thread may use it. */
public interface HashKernel {

  /** Returns the algorithm as OMS names it: {@code sha256}, {@code blake2b} or {@code blake3}. */
  String algorithm();

  /** Returns a name for people, such as {@code JDK SHA-256}. */
  String description();

  /** Returns the length of a digest, in bytes. */
  int digestLength();

  /** Returns a new state that has seen nothing yet. */
  HashState newState();

  /** Returns a new batch, or empty if streams side by side are no faster than single ones. */
  default Optional<HashBatch> newBatch() {
    return Optional.empty();
  }
}
