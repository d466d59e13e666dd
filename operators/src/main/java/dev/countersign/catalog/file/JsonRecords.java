package dev.countersign.catalog.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** JSON Lines: each line is one object in UTF-8; empty lines are passed over. */
final class JsonRecords implements RecordReader {

  private static final int MAX_DEPTH = 32;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Names come from outside, so they are remembered nowhere.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();

  /** Where the JSON library says that something began, which names its source object. */
  private static final Pattern PLACE =
      Pattern.compile(" \\((start marker at|for \\w+ starting at) \\[Source.*", Pattern.DOTALL);

  private final CatalogInput input;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
  private long number;

  JsonRecords(CatalogInput input) throws StorageException {
    this.input = input;
    input.skipMark();
  }

  @Override
  public Optional<CatalogRecord> next() throws StorageException {
    while (input.peek() >= 0) {
      number++;
      if (!readLine()) {
        return Optional.of(CatalogRecord.broken(number, CatalogRecord.TOO_LONG));
      }
      Optional<String> text = StrictUtf8.decode(line.toByteArray());
      if (text.isEmpty()) {
        return Optional.of(CatalogRecord.broken(number, CatalogRecord.NOT_UTF_8));
      }
      if (!text.get().isBlank()) {
        return Optional.of(parse(text.get(), number));
      }
    }
    return Optional.empty();
  }

  /** Reads a line without its end; returns whether it has no more bytes than it may have. */
  private boolean readLine() throws StorageException {
    line.reset();
    boolean isBounded = true;
    for (int b = input.next(); b >= 0 && b != '\n'; b = input.next()) {
      isBounded = line.size() < CatalogLimits.MAX_RECORD_BYTES;
      if (isBounded) {
        line.write(b);
      }
    }
    return isBounded;
  }

  /** Returns the texts of a JSON array; null if it is none of texts alone. */
  static @Nullable List<String> texts(String json) {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        return null;
      }
      List<String> texts = texts(parser);
      return texts != null && parser.nextToken() == null ? texts : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static CatalogRecord parse(String text, long line) {
    CatalogRecord.Draft draft = new CatalogRecord.Draft(line);
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return CatalogRecord.broken(
            line,
            "it is not a JSON object. Write one object in each line, as in {\"model\": \"m\"}.");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        parser.nextToken();
        read(parser, field, draft);
      }
      if (parser.nextToken() != null) {
        draft.fault("it goes on behind its JSON object. Write one object in each line.");
      }
    } catch (JsonProcessingException e) {
      draft.fault(
          "it is not valid JSON at column %d: %s. Write one object in each line.",
          e.getLocation() == null ? 1 : e.getLocation().getColumnNr(),
          Printable.of(PLACE.matcher(String.valueOf(e.getOriginalMessage())).replaceFirst("")));
    } catch (IOException e) {
      throw new IllegalStateException("a text does not fail to be read", e);
    }
    return draft.finish();
  }

  private static void read(JsonParser parser, String field, CatalogRecord.Draft draft)
      throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (field.equals(Field.IGNORE_PATHS)) {
      List<String> paths = token == JsonToken.START_ARRAY ? texts(parser) : null;
      if (paths == null) {
        draft.fault("ignore_paths is not an array of strings. Write it as [\"logs\", \"tmp\"].");
        parser.skipChildren();
      } else {
        draft.ignorePaths(paths);
      }
    } else if (token == JsonToken.VALUE_STRING) {
      draft.put(field, parser.getText());
    } else if (isOwn(field)) {
      draft.fault("the field %s is not a string. Write it in quotes.", field);
      parser.skipChildren();
    } else if (token.isScalarValue()) {
      draft.put(field, parser.getText());
    } else {
      // What is nested is nobody's label, and other programs may need it.
      parser.skipChildren();
    }
  }

  static boolean isOwn(String field) {
    return switch (field) {
      case Field.MODEL, Field.NAME, Field.VERSION, Field.SIGNATURE -> true;
      default -> false;
    };
  }

  /** Reads the rest of the array that was entered; null if something else is in it. */
  private static @Nullable List<String> texts(JsonParser parser) throws IOException {
    List<String> texts = new ArrayList<>();
    boolean good = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        texts.add(parser.getText());
      } else {
        good = false;
        parser.skipChildren();
      }
    }
    return good ? texts : null;
  }
}
