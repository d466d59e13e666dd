package dev.countersign.oms;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Compact JSON in UTF-8, written into an array of exactly its length.
 *
 * <p>A statement may have hundreds of megabytes. It is written twice, first only to be counted:
 * that takes a second for a million resources, where a buffer that grows takes two or three times
 * the memory.
 */
final class JsonOutput {

  /** The longest array that every Java virtual machine can make. */
  private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  private JsonOutput() {}

  /** What is written; writes the same each time it is asked. */
  @FunctionalInterface
  interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /**
   * Returns what {@code content} writes.
   *
   * @param what the document's name for messages, such as "bundle"
   * @throws OmsException of kind {@code TOO_LARGE} if it is longer than an array can be
   */
  static byte[] write(String what, Content content) throws OmsException {
    Output counted = new Output(null);
    write(content, counted);
    if (counted.length > MAX_LENGTH) {
      throw OmsException.tooLarge(
          "The %s would have %d bytes, and 2 GiB is the limit. Split the model, or make its shards"
              + " larger.",
          what, counted.length);
    }
    byte[] bytes = new byte[(int) counted.length];
    write(content, new Output(bytes));
    return bytes;
  }

  private static void write(Content content, OutputStream out) {
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      content.writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail to be written", e);
    }
  }

  /** Counts bytes, and fills an array with them if it has one, which must be long enough. */
  private static final class Output extends OutputStream {
    private final byte @Nullable [] bytes;
    private long length;

    Output(byte @Nullable [] bytes) {
      this.bytes = bytes;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int count) {
      if (bytes != null) {
        System.arraycopy(buffer, offset, bytes, (int) length, count);
      }
      length += count;
    }
  }
}
