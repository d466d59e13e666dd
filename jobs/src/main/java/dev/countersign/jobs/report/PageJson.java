package dev.countersign.jobs.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.records.AsciiEscapes;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/**
 * JSON that may stand in a script element of a page: no character in it begins or ends an element,
 * a comment or a string there, and all of it is ASCII.
 */
final class PageJson {

  private static final JsonFactory FACTORY =
      AsciiEscapes.factory("<>&'").configure(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT, false);

  private PageJson() {}

  /** What is written. */
  @FunctionalInterface
  interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /** Returns content as JSON. */
  static String of(Content content) {
    StringWriter text = new StringWriter(512);
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      content.writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException("a writer in memory failed", e);
    }
    return text.toString();
  }
}
