package dev.countersign.records;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON: every field of the Avro record under its name, times as ISO 8601 in UTC, enums
 * by their symbols. All but printable ASCII is escaped in a line, so that a hostile name does
 * nothing to a terminal and no locale spoils it.
 */
public final class RecordJson {

  private static final JsonFactory JSON = AsciiEscapes.factory("");

  private RecordJson() {}

  /** Returns a record as one object on one line, without the line's end. */
  public static String line(IndexedRecord record) {
    StringWriter line = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(line)) {
      write(record, generator);
    } catch (IOException e) {
      throw new UncheckedIOException("a writer in memory failed", e);
    }
    return line.toString();
  }

  /** Writes a record as an object. */
  public static void write(IndexedRecord record, JsonGenerator generator) throws IOException {
    generator.writeStartObject();
    for (Schema.Field field : record.getSchema().getFields()) {
      generator.writeFieldName(field.name());
      writeValue(record.get(field.pos()), generator);
    }
    generator.writeEndObject();
  }

  private static void writeValue(@Nullable Object value, JsonGenerator generator)
      throws IOException {
    if (value instanceof IndexedRecord record) {
      write(record, generator);
    } else if (value instanceof List<?> list) {
      generator.writeStartArray();
      for (Object element : list) {
        writeValue(element, generator);
      }
      generator.writeEndArray();
    } else if (value instanceof Map<?, ?> map) {
      generator.writeStartObject();
      for (Map.Entry<?, ?> entry : new TreeMap<>(map).entrySet()) {
        generator.writeFieldName(String.valueOf(entry.getKey()));
        writeValue(entry.getValue(), generator);
      }
      generator.writeEndObject();
    } else if (value instanceof Boolean flag) {
      generator.writeBoolean(flag);
    } else if (value instanceof Integer number) {
      generator.writeNumber(number);
    } else if (value instanceof Long number) {
      generator.writeNumber(number);
    } else if (value instanceof CharSequence || value instanceof GenericEnumSymbol<?>) {
      generator.writeString(value.toString());
    } else if (value instanceof Instant time) {
      generator.writeString(time.toString());
    } else if (value == null) {
      generator.writeNull();
    } else {
      throw new IllegalStateException("a result has a field of a type that has no JSON here");
    }
  }
}
