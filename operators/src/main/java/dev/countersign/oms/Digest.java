package dev.countersign.oms;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The bytes of a digest, 1 to 64 of them. Which algorithm made them is said elsewhere. */
public final class Digest implements Serializable {

  /** Length of the longest digest that OMS 1.0 knows (BLAKE2b), in bytes. */
  static final int MAX_LENGTH = 64;

  private static final long serialVersionUID = 1L;
  private static final HexFormat HEX = HexFormat.of();

  private final byte[] bytes;

  private Digest(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns the digest with a copy of {@code bytes}.
   *
   * @throws IllegalArgumentException if there are none, or more than 64
   */
  public static Digest of(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > MAX_LENGTH) {
      throw new IllegalArgumentException("a digest has 1 to 64 bytes, not " + bytes.length);
    }
    return new Digest(bytes.clone());
  }

  /**
   * Returns the digest that {@code hex} spells: lower-case hexadecimal digits, two a byte; null if
   * it is anything else, empty, or longer than any digest.
   */
  static @Nullable Digest parse(String hex) {
    int length = hex.length();
    if (length == 0 || length % 2 != 0 || length > 2 * MAX_LENGTH) {
      return null;
    }
    byte[] bytes = new byte[length / 2];
    for (int i = 0; i < bytes.length; i++) {
      int high = nibble(hex.charAt(2 * i));
      int low = nibble(hex.charAt(2 * i + 1));
      if ((high | low) < 0) {
        return null;
      }
      bytes[i] = (byte) (high << 4 | low);
    }
    return new Digest(bytes);
  }

  private static int nibble(char digit) {
    if (digit >= '0' && digit <= '9') {
      return digit - '0';
    }
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
  }

  /** Returns a copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Returns a read-only view of the bytes. */
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** Returns the number of bytes. */
  public int length() {
    return bytes.length;
  }

  /** Returns the bytes as lower-case hexadecimal digits. */
  public String hex() {
    return HEX.formatHex(bytes);
  }

  /** Feeds the bytes to {@code hash}. */
  public void update(MessageDigest hash) {
    hash.update(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Digest digest && Arrays.equals(bytes, digest.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Returns the bytes as lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return hex();
  }
}
