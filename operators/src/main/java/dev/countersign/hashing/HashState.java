package dev.countersign.hashing;

/** A hash under way. For one thread at a time. */
public interface HashState {

  /**
   * Takes {@code length} bytes of {@code buffer} from {@code offset} on. The buffer is the caller's
   * again when this returns.
   *
   * @throws IndexOutOfBoundsException if the range does not lie in the buffer
   */
  void update(byte[] buffer, int offset, int length);

  /** Returns the digest of all bytes taken, in a new array, and starts again from nothing. */
  byte[] digest();
}
