package dev.countersign.records;

import dev.countersign.schemas.ModelResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Results as plain records, whose enums are strings and whose times are milliseconds. Parquet has a
 * mark for enums, but many readers take a column with that mark for bytes.
 */
final class PlainRecords {

  /** The schema of plain records: as that of results, but for enums. */
  static final Schema SCHEMA = plain(ModelResult.getClassSchema());

  private static final SpecificData MODEL = new ModelResult().getSpecificData();

  private PlainRecords() {}

  /** Returns a result as a plain record. */
  static GenericRecord of(ModelResult result) {
    return record(result, SCHEMA);
  }

  /** Returns the result that a plain record stands for; an unknown symbol becomes its default. */
  static ModelResult result(IndexedRecord plain) {
    return (ModelResult) typedRecord(plain, ModelResult.getClassSchema());
  }

  private static Schema plain(Schema schema) {
    return switch (schema.getType()) {
      case ENUM -> Schema.create(Schema.Type.STRING);
      case ARRAY -> Schema.createArray(plain(schema.getElementType()));
      case MAP -> Schema.createMap(plain(schema.getValueType()));
      case UNION ->
          Schema.createUnion(schema.getTypes().stream().map(PlainRecords::plain).toList());
      case RECORD ->
          Schema.createRecord(
              schema.getName(),
              schema.getDoc(),
              schema.getNamespace(),
              false,
              schema.getFields().stream()
                  .map(
                      field ->
                          new Schema.Field(
                              field.name(), plain(field.schema()), field.doc(), field.defaultVal()))
                  .toList());
      default -> schema;
    };
  }

  private static GenericRecord record(IndexedRecord typed, Schema plain) {
    GenericRecord record = new GenericData.Record(plain);
    for (Schema.Field field : plain.getFields()) {
      record.put(field.pos(), plain(typed.get(field.pos()), field.schema()));
    }
    return record;
  }

  private static @Nullable Object plain(@Nullable Object typed, Schema plain) {
    if (typed == null) {
      return null;
    }
    return switch (plain.getType()) {
      case UNION -> plain(typed, plain.getTypes().get(1));
      case RECORD -> record((IndexedRecord) typed, plain);
      case ARRAY -> {
        List<@Nullable Object> values = new ArrayList<>();
        for (Object element : (List<?>) typed) {
          values.add(plain(element, plain.getElementType()));
        }
        yield values;
      }
      case STRING -> typed.toString();
      default -> typed instanceof Instant time ? (Object) time.toEpochMilli() : typed;
    };
  }

  private static SpecificRecord typedRecord(IndexedRecord plain, Schema schema) {
    SpecificRecord record = (SpecificRecord) MODEL.newRecord(null, schema);
    for (Schema.Field field : schema.getFields()) {
      record.put(field.pos(), typed(plain.get(field.pos()), field.schema()));
    }
    return record;
  }

  private static @Nullable Object typed(@Nullable Object plain, Schema schema) {
    if (plain == null) {
      return null;
    }
    return switch (schema.getType()) {
      case UNION -> typed(plain, schema.getTypes().get(1));
      case RECORD -> typedRecord((IndexedRecord) plain, schema);
      case ARRAY -> {
        List<@Nullable Object> values = new ArrayList<>();
        for (Object element : (List<?>) plain) {
          values.add(typed(element, schema.getElementType()));
        }
        yield values;
      }
      case MAP -> {
        Map<String, @Nullable Object> values = new HashMap<>();
        ((Map<?, ?>) plain)
            .forEach(
                (key, value) -> values.put(key.toString(), typed(value, schema.getValueType())));
        yield values;
      }
      case ENUM ->
          MODEL.createEnum(
              schema.hasEnumSymbol(plain.toString()) ? plain.toString() : schema.getEnumDefault(),
              schema);
      case STRING -> plain.toString();
      case LONG -> schema.getLogicalType() == null ? plain : Instant.ofEpochMilli((Long) plain);
      default -> plain;
    };
  }
}
