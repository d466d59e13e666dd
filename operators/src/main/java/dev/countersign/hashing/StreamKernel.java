package dev.countersign.hashing;

import java.util.function.Supplier;

/** A kernel that is no more than its states. */
record StreamKernel(
    String algorithm, String description, int digestLength, Supplier<HashState> states)
    implements HashKernel {

  @Override
  public HashState newState() {
    return states.get();
  }
}
