package dev.countersign.jobs.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes text as UTF-8 to a stream of the caller's. */
record TextOutput(OutputStream stream) {

  /** Writes text. */
  void write(String text) throws IOException {
    stream.write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes text and the end of a line. */
  void line(String text) throws IOException {
    write(text);
    stream.write('\n');
  }
}
