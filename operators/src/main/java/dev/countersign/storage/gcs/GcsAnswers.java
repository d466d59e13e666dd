package dev.countersign.storage.gcs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.storage.objects.ObjectPage;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.storage.rest.RestAnswer;
import dev.countersign.storage.rest.RestFaults.Refusal;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads answers of the JSON API. */
final class GcsAnswers {

  private static final JsonFactory JSON = new JsonFactory();

  /** Deepest nesting of what is asked for. */
  private static final int MAX_DEPTH = 16;

  /** How Google says who may not do what. */
  private static final Pattern DENIED =
      Pattern.compile(
          "^(Anonymous caller|[\\w.+-]+@[\\w.-]+) does not have (storage\\.[\\w.]+) access");

  private static final int TOO_MANY_REQUESTS = 429;

  private GcsAnswers() {}

  /**
   * Reads a page of a listing.
   *
   * @throws IOException if it is not one
   */
  static ObjectPage page(byte[] answer) throws IOException {
    Map<?, ?> page = tree(answer);
    if (!"storage#objects".equals(page.get("kind"))) {
      throw new IOException("not a listing");
    }
    List<StoredKey> keys = new ArrayList<>();
    for (Object item : list(page, "items")) {
      keys.add(object(item));
    }
    List<String> prefixes = new ArrayList<>();
    for (Object prefix : list(page, "prefixes")) {
      prefixes.add(String.valueOf(prefix));
    }
    return new ObjectPage(keys, prefixes, text(page, "nextPageToken"));
  }

  /**
   * Reads the description of an object.
   *
   * @throws IOException if it is not one
   */
  static StoredKey object(byte[] answer) throws IOException {
    return object(tree(answer));
  }

  /** Returns the version of a generation. */
  static String version(String generation) {
    return "gen-" + generation;
  }

  /** Returns the generation of a version. */
  static String generation(String version) {
    return version.startsWith("gen-") ? version.substring(4) : version;
  }

  /** Reads why a request was refused: JSON, or plain text where bytes were asked for. */
  static Refusal refusal(RestAnswer answer) {
    try {
      Object error = tree(answer.body()).get("error");
      if (error instanceof Map<?, ?> fields) {
        List<?> reasons = list(fields, "errors");
        String reason =
            !reasons.isEmpty() && reasons.get(0) instanceof Map<?, ?> first
                ? text(first, "reason")
                : "";
        int status = reason.endsWith("ateLimitExceeded") ? TOO_MANY_REQUESTS : answer.status();
        return new Refusal(status, reason, text(fields, "message"));
      }
    } catch (IOException e) {
      // Then it is for people.
    }
    String text = answer.text().strip();
    return new Refusal(answer.status(), "", text.startsWith("<") ? "" : text);
  }

  /** Returns who was refused, if Google says so. */
  static Optional<String> principal(Refusal refusal) {
    return denied(refusal, 1);
  }

  /** Returns what was refused, if Google says so. */
  static Optional<String> permission(Refusal refusal) {
    return denied(refusal, 2);
  }

  private static Optional<String> denied(Refusal refusal, int group) {
    Matcher matcher = DENIED.matcher(refusal.message());
    return matcher.find() ? Optional.of(matcher.group(group)) : Optional.empty();
  }

  private static StoredKey object(Object item) throws IOException {
    if (!(item instanceof Map<?, ?> fields)) {
      throw new IOException("not an object");
    }
    String name = text(fields, "name");
    String generation = text(fields, "generation");
    String size = text(fields, "size");
    if (name.isEmpty() || !generation.matches("\\d{1,19}") || !size.matches("\\d{1,18}")) {
      throw new IOException("an object without name, generation or size");
    }
    // Every class of storage can be read at once, ARCHIVE too.
    return new StoredKey(
        name, Long.parseLong(size), version(generation), millis(text(fields, "timeCreated")), "");
  }

  private static long millis(String time) throws IOException {
    try {
      return time.isEmpty() ? 0 : Instant.parse(time).toEpochMilli();
    } catch (DateTimeException e) {
      throw new IOException("not a time", e);
    }
  }

  private static String text(Map<?, ?> fields, String name) {
    Object value = fields.get(name);
    return value == null ? "" : value.toString();
  }

  private static List<?> list(Map<?, ?> fields, String name) {
    return fields.get(name) instanceof List<?> list ? list : List.of();
  }

  private static Map<?, ?> tree(byte[] json) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      return value(parser, 0) instanceof Map<?, ?> fields ? fields : Map.of();
    }
  }

  private static Object value(JsonParser parser, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new JsonParseException(parser, "nested too deeply");
    }
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      Map<String, Object> fields = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        fields.put(name, value(parser, depth + 1));
      }
      return fields;
    }
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<Object> values = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY && parser.currentToken() != null) {
        values.add(value(parser, depth + 1));
      }
      return values;
    }
    String text = parser.getText();
    return text == null ? "" : text;
  }
}
