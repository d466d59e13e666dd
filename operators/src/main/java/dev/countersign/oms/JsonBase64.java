package dev.countersign.oms;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Base64 in a JSON string, decoded straight from the document's bytes: a bundle's payload is nearly
 * all of the bundle, and as text it would take twice the memory again.
 */
final class JsonBase64 {

  private JsonBase64() {}

  /**
   * Returns the bytes that the string at {@code quote} spells in the standard alphabet with
   * padding, or null if it does not. The unused bits of the last character are zero. Carriage
   * returns and line feeds are skipped, as by other clients, so there is one spelling of the bytes
   * apart from line ends.
   *
   * @param json a document in UTF-8
   * @param quote where the string's opening quote is
   */
  static byte @Nullable [] decode(byte[] json, int quote) {
    int end = quote + 1;
    boolean escaped = false;
    while (end < json.length && json[end] != '"') {
      if (json[end] == '\\') {
        escaped = true;
        end++;
      }
      end++;
    }
    if (end >= json.length) {
      return null;
    }
    if (!escaped) {
      return decode(ByteBuffer.wrap(json, quote + 1, end - quote - 1));
    }
    ByteBuffer plain = unescaped(json, quote + 1, end);
    return plain == null ? null : decode(plain);
  }

  @SuppressWarnings("ByteBufferBackingArray") // the decoder wraps a new array of its own
  private static byte @Nullable [] decode(ByteBuffer base64) {
    // The decoder takes a last group without its padding.
    if (base64.remaining() % 4 != 0) {
      return null;
    }
    ByteBuffer decoded;
    try {
      decoded = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return null;
    }
    byte[] array = decoded.array();
    int length = decoded.remaining();
    return isOnlySpelling(base64, array, length)
        ? array.length == length ? array : Arrays.copyOf(array, length)
        : null;
  }

  /** Returns whether the last bytes, where there is padding, are spelled as they were. */
  private static boolean isOnlySpelling(ByteBuffer base64, byte[] decoded, int length) {
    int rest = length % 3;
    if (rest == 0) {
      return true;
    }
    byte[] spelled = Base64.getEncoder().encode(Arrays.copyOfRange(decoded, length - rest, length));
    return base64
        .slice(base64.limit() - spelled.length, spelled.length)
        .equals(ByteBuffer.wrap(spelled));
  }

  /**
   * Undoes the escapes that some writers use: {@code \/}, and {@code \}{@code u003d} for "=". Line
   * ends are left out; a string in JSON cannot hold them unescaped.
   */
  private static @Nullable ByteBuffer unescaped(byte[] json, int start, int end) {
    byte[] plain = new byte[end - start];
    int length = 0;
    for (int i = start; i < end; ) {
      if (json[i] != '\\') {
        plain[length++] = json[i++];
      } else if (json[i + 1] == '/') {
        plain[length++] = '/';
        i += 2;
      } else if (json[i + 1] == 'n' || json[i + 1] == 'r') {
        i += 2;
      } else {
        int unit = JsonText.escapedUnit(json, i);
        if (unit < 0 || unit > 0x7f) {
          return null;
        }
        if (unit != '\n' && unit != '\r') {
          plain[length++] = (byte) unit;
        }
        i += 6;
      }
    }
    return ByteBuffer.wrap(plain, 0, length);
  }
}
