package dev.countersign.records;

import dev.countersign.schemas.ModelResult;
import dev.countersign.text.Message;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Results as one JSON object a line. Each line must end with a line feed, so that a file that was
 * cut off is told from a whole one.
 */
final class JsonLines implements ResultReader {

  /** Far more than a result with ten thousand differences takes; a bound on what is buffered. */
  private static final int MAX_LINE_BYTES = 256 << 20;

  private static final int BUFFER_BYTES = 64 << 10;

  private final String what;
  private final InputStream input;
  private final int maxLineBytes;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long number;

  /**
   * Reads {@code input}, which is closed with this.
   *
   * @param what the file for messages
   */
  JsonLines(String what, InputStream input, int maxLineBytes) {
    this.what = what;
    this.input = new BufferedInputStream(input, BUFFER_BYTES);
    this.maxLineBytes = maxLineBytes;
  }

  /** Returns a writer on a stream that stays the caller's to close. */
  static BulkWriter<ModelResult> writer(FSDataOutputStream output) {
    return new Writer(output);
  }

  static JsonLines open(Path file) throws IOException {
    return new JsonLines(file.toString(), file.getFileSystem().open(file), MAX_LINE_BYTES);
  }

  @Override
  public @Nullable ModelResult next() throws IOException {
    number++;
    line.reset();
    int next = input.read();
    if (next < 0) {
      return null;
    }
    while (next != '\n') {
      if (next < 0) {
        throw fault("does not end: the file was cut off");
      }
      if (line.size() == maxLineBytes) {
        throw fault(Message.of("is longer than %,d bytes, the limit", maxLineBytes));
      }
      line.write(next);
      next = input.read();
    }
    try {
      return ResultJsonParser.parse(line.toByteArray());
    } catch (MalformedResultsException e) {
      throw fault(e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    input.close();
  }

  private MalformedResultsException fault(@Nullable String fault) {
    return new MalformedResultsException(Message.of("Line %d of %s %s.", number, what, fault));
  }

  /** Writes results as one JSON object a line, as {@link RecordJson} has them. */
  private static final class Writer implements BulkWriter<ModelResult> {

    private final FSDataOutputStream output;

    Writer(FSDataOutputStream output) {
      this.output = output;
    }

    @Override
    public void addElement(ModelResult result) throws IOException {
      output.write((RecordJson.line(result) + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void flush() throws IOException {
      output.flush();
    }

    @Override
    public void finish() throws IOException {
      output.flush();
    }
  }
}
