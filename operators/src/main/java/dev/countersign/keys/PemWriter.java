package dev.countersign.keys;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Writes a PEM block as OpenSSL does (RFC 7468, section 2): strict, lines of 64 characters. */
final class PemWriter {

  private static final byte[] LINE_FEED = {'\n'};
  private static final int LINE_CHARACTERS = 64;

  private PemWriter() {}

  /** Returns the block with a line feed at the end; the caller wipes it if it is secret. */
  static byte[] write(String label, byte[] der) {
    byte[] begin = ("-----BEGIN " + label + "-----\n").getBytes(StandardCharsets.US_ASCII);
    byte[] end = ("\n-----END " + label + "-----\n").getBytes(StandardCharsets.US_ASCII);
    byte[] body = Base64.getMimeEncoder(LINE_CHARACTERS, LINE_FEED).encode(der);
    byte[] pem = new byte[begin.length + body.length + end.length];
    System.arraycopy(begin, 0, pem, 0, begin.length);
    System.arraycopy(body, 0, pem, begin.length, body.length);
    System.arraycopy(end, 0, pem, begin.length + body.length, end.length);
    Arrays.fill(body, (byte) 0);
    return pem;
  }
}
