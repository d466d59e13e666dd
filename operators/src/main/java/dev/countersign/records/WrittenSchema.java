package dev.countersign.records;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * The schema that a file says it was written with, which may be anybody's. A collection whose
 * elements take no bytes would let a file of a hundred bytes stand for more elements than there is
 * memory or time for.
 */
final class WrittenSchema {

  private final Set<Schema> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private WrittenSchema() {}

  /** Tells whether the number of elements in a file is bounded by the file's length. */
  static boolean isBounded(Schema schema) {
    return new WrittenSchema().isSound(schema);
  }

  private boolean isSound(Schema schema) {
    if (!seen.add(schema)) {
      return true;
    }
    return switch (schema.getType()) {
      case RECORD -> schema.getFields().stream().allMatch(field -> isSound(field.schema()));
      case ARRAY -> takesBytes(schema.getElementType()) && isSound(schema.getElementType());
      case MAP -> isSound(schema.getValueType());
      case UNION -> schema.getTypes().stream().allMatch(this::isSound);
      default -> true;
    };
  }

  private static boolean takesBytes(Schema schema) {
    return takesBytes(schema, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  /** A record within itself, without a union between, has no values at all. */
  private static boolean takesBytes(Schema schema, Set<Schema> around) {
    return switch (schema.getType()) {
      case NULL -> false;
      case FIXED -> schema.getFixedSize() > 0;
      case RECORD ->
          around.add(schema)
              && schema.getFields().stream().anyMatch(field -> takesBytes(field.schema(), around));
      default -> true;
    };
  }
}
