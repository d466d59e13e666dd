package dev.countersign.hashing;

import java.nio.ByteBuffer;

/** A hash in progress. For one thread at a time. */
public interface HashState {

  /** Length of the array through which bytes pass that are outside of the heap. */
  int COPIED_BYTES = 1 << 14;

  /**
   * Takes {@code length} bytes of {@code buffer} from {@code offset} on. The buffer is the caller's
   * again when this returns.
   *
   * @throws IndexOutOfBoundsException if the range is not in the buffer
   */
  void update(byte[] buffer, int offset, int length);

  /** Takes all remaining bytes of {@code buffer}, which has none left when this returns. */
  default void update(ByteBuffer buffer) {
    if (buffer.hasArray()) {
      update(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
      buffer.position(buffer.limit());
      return;
    }
    byte[] part = new byte[Math.min(COPIED_BYTES, buffer.remaining())];
    while (buffer.hasRemaining()) {
      int length = Math.min(part.length, buffer.remaining());
      buffer.get(part, 0, length);
      update(part, 0, length);
    }
  }

  /** Returns the digest of all bytes taken, in a new array, and starts again from nothing. */
  byte[] digest();
}
