package dev.countersign.avro;

import dev.countersign.avro.MalformedAvroException.Kind;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;

/**
 * Decodes records that may come from anybody: {@link RecordBlock#check} goes first, so Avro's
 * reader meets nothing but what the schema says. Not thread safe.
 *
 * @param <T> the decoded record
 */
public final class RecordDecoder<T> {

  private final Schema written;
  private final DatumReader<T> reader;
  private final int maxItems;
  private BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(new byte[0], null);

  /**
   * A decoder.
   *
   * @param written the schema of the bytes
   * @param reader decodes all of a record, or its first fields
   * @param maxItems how many items all arrays and maps of one record may have
   */
  public RecordDecoder(Schema written, DatumReader<T> reader, int maxItems) {
    this.written = written;
    this.reader = reader;
    this.maxItems = maxItems;
  }

  /**
   * Returns the next record of {@code block} and moves behind it.
   *
   * @throws MalformedAvroException if the bytes are not such a record, or the reader cannot resolve
   *     its schema
   */
  @SuppressWarnings("NullAway") // Avro takes null for no record to use again.
  public T read(RecordBlock block) throws MalformedAvroException {
    int start = block.position();
    block.check(written, maxItems);
    int length = block.position() - start;
    decoder = DecoderFactory.get().binaryDecoder(block.bytes(), start, length, decoder);
    try {
      return reader.read(null, decoder);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // Avro throws more than its own exceptions when schemas do not match.
      throw new MalformedAvroException(Kind.DAMAGED, RecordBlock.damaged().getMessage(), e);
    }
  }
}
