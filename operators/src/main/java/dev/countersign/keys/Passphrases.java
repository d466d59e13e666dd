package dev.countersign.keys;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Passphrases between characters and UTF-8, without a string that could not be wiped. */
public final class Passphrases {

  private Passphrases() {}

  /** Returns the passphrase in UTF-8; the caller wipes it. */
  public static byte[] utf8(char[] passphrase) {
    CharsetEncoder encoder =
        StandardCharsets.UTF_8
            .newEncoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    ByteBuffer encoded =
        ByteBuffer.allocate((int) Math.ceil(passphrase.length * encoder.maxBytesPerChar()));
    encoder.encode(CharBuffer.wrap(passphrase), encoded, true);
    byte[] bytes = Arrays.copyOf(encoded.array(), encoded.position());
    Arrays.fill(encoded.array(), (byte) 0);
    return bytes;
  }

  /**
   * Returns how many of the first {@code length} bytes are a byte order mark, as some editors write
   * it: 3 or 0.
   */
  static int byteOrderMark(byte[] bytes, int length) {
    boolean marked =
        length >= 3
            && bytes[0] == (byte) 0xEF
            && bytes[1] == (byte) 0xBB
            && bytes[2] == (byte) 0xBF;
    return marked ? 3 : 0;
  }

  /**
   * Returns the bytes from {@code start}, inclusive, to {@code end} as characters; the caller wipes
   * them.
   *
   * @throws CharacterCodingException if the bytes are not UTF-8
   */
  static char[] ofUtf8(byte[] bytes, int start, int end) throws CharacterCodingException {
    CharBuffer decoded = CharBuffer.allocate(end - start);
    try {
      CoderResult result =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes, start, end - start), decoded, true);
      if (result.isError()) {
        result.throwException();
      }
      return Arrays.copyOf(decoded.array(), decoded.position());
    } finally {
      Arrays.fill(decoded.array(), '\0');
    }
  }
}
