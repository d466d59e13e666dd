package dev.countersign.source.units;

import dev.countersign.avro.RecordBlock;
import dev.countersign.avro.RecordDecoder;
import dev.countersign.text.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.Function;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A versioned serializer whose bytes are one record in Avro's binary encoding. A version stands for
 * one schema; a later version keeps the earlier schemas as resources and reads them by resolution.
 * Not thread safe.
 *
 * @param <R> the generated record
 * @param <T> what Flink moves
 */
public abstract class AvroCodec<R extends SpecificRecord, T>
    implements SimpleVersionedSerializer<T> {

  /** The only version so far. */
  private static final int VERSION = 1;

  private final SpecificDatumWriter<R> writer;
  private final RecordDecoder<R> decoder;
  private final String what;
  private final Function<T, R> toRecord;
  private final Function<R, T> fromRecord;

  /**
   * A serializer.
   *
   * @param what the value, for messages
   */
  protected AvroCodec(
      Class<R> type, String what, Function<T, R> toRecord, Function<R, T> fromRecord) {
    this.writer = new SpecificDatumWriter<>(type);
    SpecificDatumReader<R> reader = new SpecificDatumReader<>(type);
    this.decoder = new RecordDecoder<>(reader.getSchema(), reader, Integer.MAX_VALUE);
    this.what = what;
    this.toRecord = toRecord;
    this.fromRecord = fromRecord;
  }

  @Override
  public final int getVersion() {
    return VERSION;
  }

  @Override
  public final byte[] serialize(T value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    writer.write(toRecord.apply(value), encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  @Override
  public T deserialize(int version, byte[] serialized) throws IOException {
    if (version != VERSION) {
      throw new IOException(
          Message.of(
              "Cannot restore %s of state version %d: this release reads version %d. Restore with"
                  + " the release that wrote it.",
              what, version, VERSION));
    }
    try {
      RecordBlock bytes = new RecordBlock(serialized);
      R datum = decoder.read(bytes);
      if (!bytes.isAtEnd()) {
        throw new IOException("the record ends before its bytes do");
      }
      return fromRecord.apply(datum);
    } catch (IOException | RuntimeException e) {
      throw new IOException(Message.of("Cannot restore %s: the bytes are damaged.", what), e);
    }
  }
}
