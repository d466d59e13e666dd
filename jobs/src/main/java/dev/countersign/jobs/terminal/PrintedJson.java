package dev.countersign.jobs.terminal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.records.AsciiEscapes;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** Writes JSON, on one line, into memory. */
public final class PrintedJson {

  private static final JsonFactory ASCII = AsciiEscapes.factory("");

  private PrintedJson() {}

  /** Something that is written as JSON. */
  @FunctionalInterface
  public interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /** Writes what is between the braces of an object. */
  @FunctionalInterface
  public interface FieldWriter<T> {
    void write(T value, JsonGenerator json) throws IOException;
  }

  /** Returns an object of {@code fields}, in which all but printable ASCII is escaped. */
  public static String object(Content fields) {
    return of(
        ASCII,
        json -> {
          json.writeStartObject();
          fields.writeTo(json);
          json.writeEndObject();
        });
  }

  /** Returns content as JSON with the escapes of {@code factory}. */
  public static String of(JsonFactory factory, Content content) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = factory.createGenerator(text)) {
      content.writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException("a writer in memory failed", e);
    }
    return text.toString();
  }

  /** Writes a field that is an array of objects. */
  public static <T> void objects(
      String field, Iterable<T> values, JsonGenerator json, FieldWriter<T> fields)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (T value : values) {
      json.writeStartObject();
      fields.write(value, json);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Writes a field that is an array of texts. */
  public static void texts(String field, List<String> texts, JsonGenerator json)
      throws IOException {
    json.writeFieldName(field);
    json.writeArray(texts.toArray(String[]::new), 0, texts.size());
  }
}
