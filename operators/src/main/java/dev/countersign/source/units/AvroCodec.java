package dev.countersign.source.units;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

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
  private final BoundedReader<R> reader;
  private final String what;

  public AvroCodec(Class<R> type, String what) {
    this.writer = new SpecificDatumWriter<>(type);
    this.reader = new BoundedReader<>(type);
    this.what = what;
  }

  public abstract R toRecord(T value);

  public abstract T fromRecord(R datum);

  @Override
  public final int getVersion() {
    return VERSION;
  }

  @Override
  public final byte[] serialize(T value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    writer.write(toRecord(value), encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  @Override
  public final T deserialize(int version, byte[] serialized) throws IOException {
    if (version != VERSION) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "Cannot restore %s of state version %d: this release reads version %d. Restore with"
                  + " the release that wrote it.",
              what,
              version,
              VERSION));
    }
    try {
      BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(serialized, null);
      reader.most = serialized.length;
      R datum = reader.read(null, new BoundedDecoder(decoder, serialized.length));
      if (!decoder.isEnd()) {
        throw new IOException("the record ends before its bytes do");
      }
      return fromRecord(datum);
    } catch (IOException | RuntimeException e) {
      // Avro throws more than its own exceptions, such as for the index of an unknown symbol.
      throw new IOException(
          String.format(Locale.ROOT, "Cannot restore %s: the bytes are damaged.", what), e);
    }
  }

  /**
   * Makes room for as many elements as the bytes can hold, not for as many as damaged ones
   * announce: that would take all memory before the first is missed.
   */
  private static final class BoundedReader<R> extends SpecificDatumReader<R> {

    private int most;

    BoundedReader(Class<R> type) {
      super(withoutFastReader(type));
      setSchema(getSpecificData().getSchema(type));
    }

    /** The faster reader makes the room itself. */
    private static SpecificData withoutFastReader(Class<?> type) {
      SpecificData data = new SpecificData(type.getClassLoader());
      SpecificData.getForClass(type).getConversions().forEach(data::addLogicalTypeConversion);
      data.setFastReaderEnabled(false);
      return data;
    }

    @Override
    protected Object newArray(@Nullable Object old, int size, Schema schema) {
      return super.newArray(old, Math.min(size, most), schema);
    }

    @Override
    protected Object newMap(@Nullable Object old, int size) {
      return super.newMap(old, Math.min(size, most));
    }
  }
}
