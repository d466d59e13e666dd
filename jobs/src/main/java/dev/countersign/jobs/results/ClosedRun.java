package dev.countersign.jobs.results;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the record says that closed a run. It may come from anybody. What it lacks is empty.
 *
 * @param runId identifies the run
 * @param operation what the run did, in lower case
 * @param started when, ISO 8601
 * @param finished when, ISO 8601
 * @param models how many results the run had; -1 if it does not say
 * @param version which version of this program it was
 * @param options the run's options as {@code name=value}
 */
public record ClosedRun(
    String runId,
    String operation,
    String started,
    String finished,
    long models,
    String version,
    List<String> options) {

  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_DEPTH = 8;
  private static final int MAX_OPTIONS = 200;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_BYTES)
                  .build())
          .build();

  public ClosedRun {
    options = List.copyOf(options);
  }

  /**
   * Reads a record.
   *
   * @param file where it lies, in Flink's form
   * @throws IOException if that cannot be read, is longer than 1 MiB or is no such record; its
   *     message says so
   */
  public static ClosedRun read(Path file) throws IOException {
    byte[] content;
    try (InputStream in = file.getFileSystem().open(file)) {
      content = in.readNBytes(MAX_BYTES + 1);
    } catch (IOException | RuntimeException e) {
      throw failure(file, "cannot be read (" + e.getClass().getSimpleName() + ")", e);
    }
    if (content.length > MAX_BYTES) {
      throw failure(file, "is longer than 1 MiB", null);
    }
    try (JsonParser json = JSON.createParser(content)) {
      return parse(json);
    } catch (IOException | RuntimeException e) {
      throw failure(file, "is not a run record", e);
    }
  }

  private static ClosedRun parse(JsonParser json) throws IOException {
    Map<String, String> texts = new HashMap<>();
    List<String> options = new ArrayList<>();
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("no object");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (value != null && value.isScalarValue()) {
        texts.put(field, json.getText());
      } else if (field.equals("options") && value == JsonToken.START_ARRAY) {
        readOptions(json, options);
      } else if (field.equals("versions") && value == JsonToken.START_OBJECT) {
        readVersion(json, texts);
      } else {
        json.skipChildren();
      }
    }
    return new ClosedRun(
        texts.getOrDefault("runId", ""),
        texts.getOrDefault("operation", ""),
        texts.getOrDefault("started", ""),
        texts.getOrDefault("finished", ""),
        texts.containsKey("models") ? Long.parseLong(texts.get("models")) : -1,
        texts.getOrDefault("version.countersign", ""),
        options);
  }

  private static void readOptions(JsonParser json, List<String> options) throws IOException {
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() == JsonToken.VALUE_STRING && options.size() < MAX_OPTIONS) {
        options.add(json.getText());
      } else {
        json.skipChildren();
      }
    }
  }

  private static void readVersion(JsonParser json, Map<String, String> texts) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      if (json.nextToken() == JsonToken.VALUE_STRING) {
        texts.put("version." + field, json.getText());
      } else {
        json.skipChildren();
      }
    }
  }

  private static IOException failure(Path file, String what, @Nullable Throwable cause) {
    return new IOException(
        Message.of(
            "The run record %s %s; the report ignores it.", Printable.of(file.toString()), what),
        cause);
  }
}
