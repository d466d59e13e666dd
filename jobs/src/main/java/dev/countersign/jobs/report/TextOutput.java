package dev.countersign.jobs.report;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Writes text as UTF-8 to a stream of the caller's. */
record TextOutput(OutputStream stream) {

  /** Writes text. */
  void write(String text) throws IOException {
    stream.write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes formatted text. */
  @FormatMethod
  void format(@FormatString String text, Object... arguments) throws IOException {
    write(String.format(Locale.ROOT, text, arguments));
  }

  /** Writes text and the end of a line. */
  void line(String text) throws IOException {
    write(text);
    stream.write('\n');
  }
}
