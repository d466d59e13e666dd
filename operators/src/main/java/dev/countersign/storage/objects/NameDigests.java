package dev.countersign.storage.objects;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Set of names that takes eight bytes for each, whatever its length. May hold a name that was not
 * added with the probability of 2^-64 for each one that was; never lacks one. Not thread safe.
 */
final class NameDigests {

  private final MessageDigest digest;
  private long[] values = new long[64];
  private int size;

  NameDigests() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  void add(String name) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = digest(name);
  }

  /** Ends adding; {@link #has} may be called from now on. */
  void seal() {
    Arrays.sort(values, 0, size);
  }

  boolean has(String name) {
    return Arrays.binarySearch(values, 0, size, digest(name)) >= 0;
  }

  private long digest(String name) {
    return ByteBuffer.wrap(digest.digest(name.getBytes(StandardCharsets.UTF_8))).getLong();
  }
}
