package dev.countersign.records;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes a result of its JSON, as the schema demands: types are not converted and no name stands
 * twice. As with Avro's own files, a field that is missing has its default, one that the schema
 * does not know is passed over, and so is an enum's symbol, for its default.
 */
final class ResultJsonParser {

  /** A result is three levels deep; a later version may add a few. */
  private static final int MAX_DEPTH = 16;

  /** Names in models are bounded to some thousand bytes, and messages are built of a few. */
  private static final int MAX_STRING_LENGTH = 16 << 20;

  private static final int MAX_NUMBER_LENGTH = 20;
  private static final int MAX_FIELD_NAME_LENGTH = 64 << 10;

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_STRING_LENGTH)
                  .maxNameLength(MAX_FIELD_NAME_LENGTH)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .build())
          .build();

  private static final SpecificData MODEL = new ModelResult().getSpecificData();

  private final JsonParser parser;

  private ResultJsonParser(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Returns the result that the whole of {@code json} is.
   *
   * @throws MalformedResultsException if it is none; the message is the rest of a sentence
   */
  static ModelResult parse(byte[] json) throws MalformedResultsException {
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      ModelResult result =
          (ModelResult) new ResultJsonParser(parser).record(ModelResult.getClassSchema());
      if (parser.nextToken() != null) {
        throw new MalformedResultsException("goes on after the end of its JSON object");
      }
      return result;
    } catch (MalformedResultsException e) {
      throw e;
    } catch (JsonProcessingException e) {
      throw new MalformedResultsException(
          "is not valid JSON or goes beyond a limit, at byte "
              + (e.getLocation() == null ? 0 : e.getLocation().getByteOffset()),
          e);
    } catch (IOException e) {
      // What the parser throws for bytes that are no UTF-8.
      throw new MalformedResultsException("is not valid JSON", e);
    }
  }

  private SpecificRecord record(Schema schema) throws IOException {
    require(JsonToken.START_OBJECT, "an object");
    SpecificRecord record = (SpecificRecord) MODEL.newRecord(null, schema);
    Set<Schema.Field> given = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Schema.Field field = schema.getField(parser.currentName());
      parser.nextToken();
      if (field == null) {
        parser.skipChildren();
      } else {
        given.add(field);
        record.put(field.pos(), value(field.schema()));
      }
    }
    for (Schema.Field field : schema.getFields()) {
      if (!given.contains(field)) {
        record.put(field.pos(), MODEL.deepCopy(field.schema(), MODEL.getDefaultValue(field)));
      }
    }
    return record;
  }

  private @Nullable Object value(Schema schema) throws IOException {
    return switch (schema.getType()) {
      case RECORD -> record(schema);
      case ARRAY -> array(schema.getElementType());
      case MAP -> map(schema.getValueType());
      case UNION -> union(schema);
      case ENUM -> symbol(schema);
      case STRING -> text();
      case BOOLEAN -> flag();
      case INT -> (int) number(Integer.MIN_VALUE, Integer.MAX_VALUE);
      case LONG ->
          schema.getLogicalType() == null ? number(Long.MIN_VALUE, Long.MAX_VALUE) : time();
      default -> throw new IllegalStateException("results have no " + schema.getType());
    };
  }

  private List<@Nullable Object> array(Schema elements) throws IOException {
    require(JsonToken.START_ARRAY, "an array");
    List<@Nullable Object> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(value(elements));
    }
    return values;
  }

  private Map<String, @Nullable Object> map(Schema valueType) throws IOException {
    require(JsonToken.START_OBJECT, "an object");
    Map<String, @Nullable Object> values = new HashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      values.put(key, value(valueType));
    }
    return values;
  }

  /** All unions here are of null and one other type. */
  private @Nullable Object union(Schema schema) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NULL ? null : value(schema.getTypes().get(1));
  }

  private Object symbol(Schema schema) throws IOException {
    String symbol = text();
    return MODEL.createEnum(
        schema.hasEnumSymbol(symbol) ? symbol : schema.getEnumDefault(), schema);
  }

  private String text() throws IOException {
    require(JsonToken.VALUE_STRING, "a string");
    return parser.getText();
  }

  private boolean flag() throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_TRUE) {
      require(JsonToken.VALUE_FALSE, "true or false");
    }
    return parser.currentToken() == JsonToken.VALUE_TRUE;
  }

  private long number(long least, long most) throws IOException {
    require(JsonToken.VALUE_NUMBER_INT, "a whole number");
    try {
      long number = Long.parseLong(parser.getText());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Beyond 64 bits.
    }
    throw fault("is beyond the range of its type");
  }

  /** Times are in milliseconds everywhere else. */
  private Instant time() throws IOException {
    try {
      Instant time = Instant.parse(text());
      if (Instant.ofEpochMilli(time.toEpochMilli()).equals(time)) {
        return time;
      }
    } catch (DateTimeException | ArithmeticException e) {
      // Said below.
    }
    throw fault("is not a time in UTC of whole milliseconds, such as 2026-03-01T12:00:00Z");
  }

  private void require(JsonToken expected, String description) throws IOException {
    if (parser.currentToken() != expected) {
      throw fault("should be " + description);
    }
  }

  /** Names fields that the schema knows only, so that nothing hostile gets into the message. */
  private MalformedResultsException fault(String fault) {
    String pointer = parser.getParsingContext().pathAsPointer().toString();
    String top = pointer.isEmpty() ? "" : pointer.split("/", -1)[1];
    return new MalformedResultsException(
        ModelResult.getClassSchema().getField(top) == null
            ? "is not a result: it " + fault
            : "is not a result: its field " + top + " " + fault);
  }
}
