package dev.countersign.avro;

import dev.countersign.avro.MalformedAvroException.Kind;
import dev.countersign.text.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;

/** Header of an Avro object container file. Immutable. */
public final class ContainerHeader {

  /** Codecs that {@link ContainerReader} can read. */
  public static final Set<String> CODECS = Set.of("null", "deflate", "snappy");

  /** Length of the marker that ends the header and each block. */
  static final int SYNC_BYTES = 16;

  private static final byte[] MAGIC = {'O', 'b', 'j', 1};
  private static final int MAX_BYTES = 1 << 20;

  private final Schema schema;
  private final String codec;
  private final byte[] sync;
  private final long length;

  private ContainerHeader(Schema schema, String codec, byte[] sync, long length) {
    this.schema = schema;
    this.codec = codec;
    this.sync = sync;
    this.length = length;
  }

  /**
   * Reads the header that {@code in} begins with, and not a byte more.
   *
   * @throws MalformedAvroException if it is missing or malformed, or exceeds a bound
   * @throws IOException if {@code in} throws it
   */
  public static ContainerHeader read(InputStream in) throws IOException {
    if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
      throw new MalformedAvroException(
          Kind.NO_CONTAINER, "it is not an Avro object container file");
    }
    BoundedInput input = new BoundedInput(in, MAGIC.length);
    Map<String, String> meta = meta(input);
    byte[] sync = input.take(SYNC_BYTES);
    String schema = meta.get("avro.schema");
    if (schema == null) {
      throw header("its header has no schema");
    }
    return new ContainerHeader(
        parse(schema), meta.getOrDefault("avro.codec", "null"), sync, input.position());
  }

  private static Map<String, String> meta(BoundedInput input) throws IOException {
    Map<String, String> meta = new HashMap<>();
    for (long count = input.number(); count != 0; count = input.number()) {
      if (count < 0) {
        count = -count;
        var unused = input.number();
      }
      if (count < 0 || input.position() > MAX_BYTES) {
        throw tooLarge();
      }
      for (long i = 0; i < count; i++) {
        String name = text(content(input));
        byte[] value = content(input);
        if (name.equals("avro.schema") || name.equals("avro.codec")) {
          meta.put(name, text(value));
        }
      }
    }
    return meta;
  }

  private static byte[] content(BoundedInput input) throws IOException {
    long length = input.number();
    if (length < 0 || length > MAX_BYTES - input.position()) {
      throw tooLarge();
    }
    return input.take((int) length);
  }

  private static MalformedAvroException tooLarge() {
    return header(Message.of("its header has more than %d bytes, which is the limit", MAX_BYTES));
  }

  private static Schema parse(String json) throws MalformedAvroException {
    try {
      return new Schema.Parser().parse(json);
    } catch (RuntimeException | StackOverflowError e) {
      throw new MalformedAvroException(Kind.HEADER, "its schema is not an Avro schema", e);
    }
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.UTF_8);
  }

  private static MalformedAvroException header(String message) {
    return new MalformedAvroException(Kind.HEADER, message);
  }

  /** Returns this header with an equal schema in place of its own, which many can share. */
  public ContainerHeader withSchema(Schema equal) {
    return new ContainerHeader(equal, codec, sync, length);
  }

  /** Returns the schema of the records. */
  public Schema schema() {
    return schema;
  }

  /** Returns the name of the codec as the file has it, which may be anything. */
  public String codec() {
    return codec;
  }

  /** Returns where the first block begins. */
  public long length() {
    return length;
  }

  boolean isSync(byte[] marker) {
    return Arrays.equals(marker, sync);
  }
}
