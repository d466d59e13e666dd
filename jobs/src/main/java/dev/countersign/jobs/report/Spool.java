package dev.countersign.jobs.report;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Text that is put aside until what stands before it is known, in a temporary file that only this
 * user reads. Not thread safe.
 */
final class Spool implements Closeable {

  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final OutputStream out;
  private long size;

  /** A new, empty spool in Java's temporary folder. */
  Spool() throws IOException {
    file = Files.createTempFile("countersign-report-", null);
    out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
  }

  /** Puts text aside. */
  void append(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write(bytes);
    size += bytes.length;
  }

  /** Returns how much lies here, in bytes. */
  long size() {
    return size;
  }

  /**
   * Copies a part that begins and ends where texts do.
   *
   * @param start its first byte
   * @param length its length in bytes
   */
  void copy(long start, long length, OutputStream target) throws IOException {
    out.flush();
    WritableByteChannel sink = Channels.newChannel(target);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long copied = 0, more; copied < length; copied += more) {
        more = channel.transferTo(start + copied, length - copied, sink);
        if (more <= 0) {
          throw new IOException("the temporary file " + file + " became shorter");
        }
      }
    }
  }

  /** Deletes the file. */
  @Override
  public void close() throws IOException {
    try {
      out.close();
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
