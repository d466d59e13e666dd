package dev.countersign.storage.servers;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The body of a request or an answer: of a known length, in chunks, or to the end of the
 * connection.
 *
 * @param length in bytes; negative for one of the others
 * @param chunked whether chunks follow, each with its own length
 */
record Body(long length, boolean chunked) {

  private static final int BUFFER = 64 * 1024;

  static Body of(String contentLength, String transferEncoding, boolean none) {
    if (none) {
      return new Body(0, false);
    }
    if (transferEncoding.equalsIgnoreCase("chunked")) {
      return new Body(-1, true);
    }
    return new Body(contentLength.isEmpty() ? 0 : Long.parseLong(contentLength), false);
  }

  /**
   * Copies the body, as it is coded.
   *
   * @param atMost after how many bytes to stop
   * @param bytesPerSecond how fast
   * @return the bytes that were copied, without the lengths of chunks
   */
  long copy(InputStream from, OutputStream to, long atMost, long bytesPerSecond)
      throws IOException {
    if (!chunked) {
      return copyBytes(from, to, Math.min(length, atMost), bytesPerSecond);
    }
    long copied = 0;
    while (copied < atMost) {
      String size = line(from);
      to.write((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      long chunk = Long.parseLong(size.split(";", 2)[0].strip(), 16);
      copied += copyBytes(from, to, Math.min(chunk, atMost - copied), bytesPerSecond);
      if (copied == atMost) {
        break;
      }
      String end = line(from);
      to.write((end + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      if (chunk == 0) {
        while (!end.isEmpty()) { // trailers
          end = line(from);
          to.write((end + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }
        break;
      }
    }
    return copied;
  }

  private static long copyBytes(InputStream from, OutputStream to, long count, long bytesPerSecond)
      throws IOException {
    byte[] buffer = new byte[(int) Math.min(BUFFER, Math.max(1, bytesPerSecond / 20))];
    long begin = System.nanoTime();
    long copied = 0;
    while (copied < count) {
      int read = from.read(buffer, 0, (int) Math.min(buffer.length, count - copied));
      if (read < 0) {
        throw new EOFException("the connection ended in a body");
      }
      to.write(buffer, 0, read);
      copied += read;
      long ahead = copied * 1000 / bytesPerSecond - (System.nanoTime() - begin) / 1_000_000;
      if (ahead > 0) {
        to.flush();
        sleep(ahead);
      }
    }
    return copied;
  }

  private static void sleep(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static String line(InputStream from) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = from.read(); c != '\n'; c = from.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended in a body");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
