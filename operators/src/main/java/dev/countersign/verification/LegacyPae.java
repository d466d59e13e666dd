package dev.countersign.verification;

import dev.countersign.oms.LegacyStatement;
import dev.countersign.oms.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/**
 * What release 0.2.0 of the reference client signed instead of DSSE's encoding: a prefix with a
 * capital V, and the payload as Python prints a byte string, with its quotes and escapes. It hashed
 * that with SHA-256 on every curve. The Go client also verifies pure Ed25519 over it.
 *
 * <p>The encoding goes with the predicate of that release alone, and nothing is ever signed in it
 * here. It is digested on the fly: escapes may make it four times the payload.
 */
final class LegacyPae {

  /** The predicate type of release 0.2.0, as it stands in its payloads. */
  private static final byte[] PREDICATE_TYPE =
      ('"' + LegacyStatement.PREDICATE_TYPE + '"').getBytes(StandardCharsets.US_ASCII);

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int BUFFER_BYTES = 1 << 13;
  private static final int LONGEST_ESCAPE = 4;

  /** More than what precedes the payload, and its quotes, can have. */
  private static final int MAX_HEAD_BYTES = 1 << 12;

  private final Sink sink;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int filled;

  private LegacyPae(Sink sink) {
    this.sink = sink;
  }

  /** Takes the encoding part by part. */
  private interface Sink {
    void take(byte[] bytes, int offset, int length);
  }

  /**
   * Returns whether a payload mentions the predicate of release 0.2.0, as all of its payloads do.
   * That it is its predicate, only reading it tells; this spares all other payloads a second try.
   */
  static boolean mayApply(byte[] payload) {
    int length = PREDICATE_TYPE.length;
    for (int start = 0; start <= payload.length - length; start++) {
      if (payload[start] == PREDICATE_TYPE[0]
          && Arrays.equals(payload, start, start + length, PREDICATE_TYPE, 0, length)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the SHA-256 of the encoding. */
  static byte[] digest(String payloadType, byte[] payload) {
    MessageDigest digest = Sha256.begin();
    new LegacyPae(digest::update).add(payloadType, payload);
    return digest.digest();
  }

  /**
   * Returns the encoding; empty if it is so much longer than the payload that it would take more
   * memory than checking a bundle may. The escapes of a statement in JSON lengthen it by a sixth.
   */
  static Optional<byte[]> encode(String payloadType, byte[] payload) {
    long[] bytes = {0};
    new LegacyPae((part, offset, length) -> bytes[0] += length).add(payloadType, payload);
    if (bytes[0] > MAX_HEAD_BYTES + payload.length + payload.length / 2L
        || bytes[0] > Integer.MAX_VALUE - Long.BYTES) {
      return Optional.empty();
    }
    ByteBuffer encoding = ByteBuffer.allocate((int) bytes[0]);
    new LegacyPae(encoding::put).add(payloadType, payload);
    return Optional.of(encoding.array());
  }

  private void add(String payloadType, byte[] payload) {
    add("DSSEV1 " + payloadType.length() + " " + payloadType + " " + payload.length + " ");
    addPrinted(payload);
    flush();
  }

  /** Python's {@code repr} of a byte string. */
  private void addPrinted(byte[] payload) {
    byte quote = contains(payload, '\'') && !contains(payload, '"') ? (byte) '"' : (byte) '\'';
    add("b");
    put(quote);
    for (byte value : payload) {
      if (filled > BUFFER_BYTES - LONGEST_ESCAPE) {
        flush();
      }
      addPrinted(value, quote);
    }
    flush();
    put(quote);
  }

  private void addPrinted(byte value, byte quote) {
    switch (value) {
      case '\t' -> escape('t');
      case '\n' -> escape('n');
      case '\r' -> escape('r');
      case '\\' -> escape('\\');
      default -> {
        if (value == quote) {
          escape((char) quote);
        } else if (value < ' ' || value == 0x7f) {
          escape('x');
          put(HEX[(value >> 4) & 0xf]);
          put(HEX[value & 0xf]);
        } else {
          put(value);
        }
      }
    }
  }

  private void escape(char character) {
    put((byte) '\\');
    put((byte) character);
  }

  private void put(byte value) {
    buffer[filled++] = value;
  }

  private void add(String text) {
    flush();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    sink.take(bytes, 0, bytes.length);
  }

  private void flush() {
    sink.take(buffer, 0, filled);
    filled = 0;
  }

  private static boolean contains(byte[] bytes, char wanted) {
    for (byte value : bytes) {
      if (value == wanted) {
        return true;
      }
    }
    return false;
  }
}
