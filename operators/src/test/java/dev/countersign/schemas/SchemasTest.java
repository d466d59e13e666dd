package dev.countersign.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.formats.avro.typeutils.AvroSerializer;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SchemasTest {

  private static final List<Schema> ROOTS =
      List.of(
          AssembledModel.getClassSchema(),
          EnumeratorState.getClassSchema(),
          FileListing.getClassSchema(),
          ModelResult.getClassSchema(),
          UnitRecord.getClassSchema(),
          WorkUnit.getClassSchema());

  @Test
  void fields_haveDefaults_saveIdentities() {
    List<String> without = new ArrayList<>();
    for (Schema record : named().values()) {
      if (record.getType() == Schema.Type.RECORD) {
        record.getFields().stream()
            .filter(field -> !field.hasDefaultValue())
            .forEach(field -> without.add(record.getName() + "." + field.name()));
      }
    }

    assertThat(without)
        .containsExactlyInAnyOrder(
            "AssembledModel.header",
            "EnumeratorState.cursor",
            "PlannedModel.entryId",
            "SubtreeValue.range",
            "UnitRecord.header",
            "WatchedEntry.entryId",
            "WorkUnit.header");
  }

  @Test
  void typesAndFields_areDocumented() {
    List<String> undocumented = new ArrayList<>();
    named()
        .forEach(
            (name, type) -> {
              if (isBlank(type.getDoc())) {
                undocumented.add(name);
              }
              if (type.getType() == Schema.Type.RECORD) {
                type.getFields().stream()
                    .filter(field -> isBlank(field.doc()))
                    .forEach(field -> undocumented.add(name + "." + field.name()));
              }
            });

    assertThat(undocumented).isEmpty();
  }

  @Test
  void enums_haveADefaultForSymbolsOfLaterVersions() {
    assertThat(named().values())
        .filteredOn(type -> type.getType() == Schema.Type.ENUM)
        .hasSizeGreaterThan(3)
        .allSatisfy(type -> assertThat(type.getEnumDefault()).isEqualTo("UNKNOWN"));
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        UnitRecord.class,
        AssembledModel.class,
        ModelResult.class,
        EnumeratorState.class,
        FileListing.class
      })
  <T extends SpecificRecordBase> void records_inFlink_areAvroAndNeverGeneric(Class<T> type) {
    Configuration configuration = new Configuration();
    configuration.setString("pipeline.generic-types", "false");
    ExecutionConfig config = new ExecutionConfig(configuration);

    assertThat(TypeInformation.of(type)).isInstanceOf(AvroTypeInfo.class);
    assertThat(new AvroTypeInfo<>(type).createSerializer(config.getSerializerConfig()))
        .isInstanceOf(AvroSerializer.class);
  }

  private static boolean isBlank(String text) {
    return text == null || text.isBlank();
  }

  /** Every record and enum of ours, by name. */
  private static Map<String, Schema> named() {
    Map<String, Schema> found = new TreeMap<>();
    ROOTS.forEach(root -> collect(root, found));
    return found;
  }

  private static void collect(Schema schema, Map<String, Schema> found) {
    switch (schema.getType()) {
      case RECORD -> {
        if (found.put(schema.getName(), schema) == null) {
          schema.getFields().forEach(field -> collect(field.schema(), found));
        }
      }
      case ENUM -> found.put(schema.getName(), schema);
      case ARRAY -> collect(schema.getElementType(), found);
      case MAP -> collect(schema.getValueType(), found);
      case UNION -> schema.getTypes().forEach(type -> collect(type, found));
      default -> {
        // Nothing of ours.
      }
    }
  }
}
