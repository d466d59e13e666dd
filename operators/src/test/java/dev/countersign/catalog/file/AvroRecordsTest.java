package dev.countersign.catalog.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AvroRecordsTest {

  private static final String SCHEMA =
      """
      {"type": "record", "name": "Entry", "namespace": "lake", "fields": [
        {"name": "nested", "type": ["null", {"type": "record", "name": "Nested", "fields": [
           {"name": "next", "type": ["null", "Nested"]}]}]},
        {"name": "stars", "type": "long"},
        {"name": "model", "type": ["null", "string"]},
        {"name": "blob", "type": "bytes"},
        {"name": "team", "type": ["null", "string"]},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
        {"name": "ignore_paths", "type": ["null", {"type": "array", "items": "string"}]}
      ]}\
      """;

  private static final String SMALL =
      "{\"type\": \"record\", \"name\": \"E\", \"fields\": [{\"name\": \"model\", \"type\":"
          + " \"string\"}]}";

  @ParameterizedTest
  @ValueSource(strings = {"null", "deflate", "snappy"})
  void next_ofAnyRecordSchema_readsItsFieldsWhateverTheCodec(String codec) throws Exception {
    byte[] file = file(SCHEMA, codec, 3, AvroRecordsTest::fill);

    List<CatalogRecord> records = read(file);

    assertThat(records)
        .containsExactly(
            new CatalogRecord(
                1,
                "m0",
                "",
                "",
                "",
                List.of("logs"),
                Map.of("stars", "0", "team", "t", "kind", "B"),
                ""),
            new CatalogRecord(
                2,
                "m1",
                "",
                "",
                "",
                List.of("logs"),
                Map.of("stars", "1", "team", "t", "kind", "B"),
                ""),
            new CatalogRecord(
                3,
                "m2",
                "",
                "",
                "",
                List.of("logs"),
                Map.of("stars", "2", "team", "t", "kind", "B"),
                ""));
  }

  private static final String NULLS =
      "{\"type\": \"record\", \"name\": \"E\", \"fields\": [{\"name\": \"x\", \"type\":"
          + " {\"type\": \"array\", \"items\": \"null\"}}, {\"name\": \"model\", \"type\":"
          + " \"string\"}]}";

  @Test
  void next_ofFileThatIsCutOff_readsWhatIsWholeAndSaysWhereItBreaks() throws Exception {
    byte[] file = file(SMALL, "null", 20_000, (record, i) -> record.put("model", "model" + i));

    List<CatalogRecord> records = read(Arrays.copyOf(file, file.length - 10));

    CatalogRecord last = records.get(records.size() - 1);
    assertThat(records.size()).isGreaterThan(1_000).isLessThan(20_000);
    assertThat(records.subList(0, records.size() - 1)).allMatch(record -> record.fault().isEmpty());
    assertThat(last.fault())
        .isEqualTo(
            "the file ends in the middle of a block, so the catalog ends here. Write or copy it"
                + " again.");
  }

  @Test
  @Timeout(120)
  void next_ofBlockThatClaimsTwoGibibytes_endsTheCatalogWithoutMakingRoom() throws Exception {
    assertThat(read(fileWithBlock(SMALL, 1, Integer.MAX_VALUE, new byte[0])).get(0).fault())
        .startsWith("a block does not have 0 to 16777216 bytes");
  }

  @Test
  @Timeout(120)
  void next_ofBlockThatUnpacksToGibibytes_endsTheCatalog() throws Exception {
    ByteArrayOutputStream zeros = new ByteArrayOutputStream();
    try (var deflating =
        new java.util.zip.DeflaterOutputStream(zeros, new java.util.zip.Deflater(9, true))) {
      deflating.write(new byte[32 << 20]);
    }
    byte[] block = zeros.toByteArray();

    assertThat(read(fileWithBlock(SMALL, "deflate", 1, block.length, block)).get(0).fault())
        .startsWith("a block, unpacked, does not have 0 to 16777216 bytes");
  }

  @Test
  @Timeout(120)
  void next_ofTextThatClaimsTwoGibibytes_endsTheCatalogWithoutMakingRoom() throws Exception {
    byte[] length = number(Integer.MAX_VALUE);

    assertThat(read(fileWithBlock(SMALL, 1, length.length, length)).get(0).fault())
        .startsWith("a block is not what the schema says");
  }

  @Test
  @Timeout(120)
  void next_ofMoreRecordsThanBytes_endsTheCatalog() throws Exception {
    assertThat(read(fileWithBlock(SMALL, Long.MAX_VALUE, 1, new byte[1])).get(0).fault())
        .startsWith("a block of 1 bytes claims to hold 9223372036854775807 records");
  }

  @Test
  @Timeout(120)
  void next_ofEndlessArrayOfNulls_endsTheCatalog() throws Exception {
    byte[] count = number(Long.MAX_VALUE);

    assertThat(read(fileWithBlock(NULLS, 1, count.length, count)).get(0).fault())
        .startsWith("a block is not what the schema says");
  }

  @Test
  @Timeout(120)
  void next_ofRecordThatNestsWithoutEnd_endsTheCatalog() throws Exception {
    byte[] block = new byte[1 << 20];
    Arrays.fill(block, (byte) 2);

    List<CatalogRecord> records = read(fileWithBlock(SCHEMA, 1, block.length, block));

    assertThat(records).hasSize(1);
    assertThat(records.get(0).fault())
        .isEqualTo(
            "a record is nested more than 100 levels deep, which is the limit, so the catalog ends"
                + " here. Write smaller blocks or records.");
  }

  @Test
  @Timeout(120)
  void next_ofWideRecordThatNestsWithoutEnd_endsTheCatalogWithoutMakingRoom() throws Exception {
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < 4_000; i++) {
      fields.append(", {\"name\": \"f").append(i).append("\", \"type\": \"null\"}");
    }
    String wide = SCHEMA.replace("\"Nested\"]}", "\"Nested\"]}" + fields);
    byte[] block = new byte[4 << 20];
    Arrays.fill(block, (byte) 2);

    List<CatalogRecord> records = read(fileWithBlock(wide, 1, block.length, block));

    assertThat(records).hasSize(1);
    assertThat(records.get(0).fault()).startsWith("a record is nested more than 100 levels deep");
  }

  @Test
  @Timeout(120)
  void next_ofManyArraysOfNulls_endsTheCatalog() throws Exception {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < 1 << 20; i++) {
      block.writeBytes(number(1 << 20));
    }

    List<CatalogRecord> records = read(fileWithBlock(NULLS, 1, block.size(), block.toByteArray()));

    assertThat(records).hasSize(1);
    assertThat(records.get(0).fault()).startsWith("a block is not what the schema says");
  }

  /** Each level holds the next one twice, and the innermost one takes no bytes: 2^24 records. */
  @Test
  @Timeout(120)
  void next_ofRecordsWithoutFieldsThatDoubleByLevel_endsTheCatalog() throws Exception {
    String inner = "{\"type\": \"record\", \"name\": \"R24\", \"fields\": []}";
    for (int level = 23; level >= 0; level--) {
      inner =
          String.format(
              Locale.ROOT,
              "{\"type\": \"record\", \"name\": \"R%d\", \"fields\": [{\"name\": \"a\", \"type\":"
                  + " %s}, {\"name\": \"b\", \"type\": \"R%d\"}]}",
              level,
              inner,
              level + 1);
    }

    assertEndsForValuesWithoutBytes(withNested(inner), new byte[] {2, 'm'});
  }

  @Test
  @Timeout(120)
  void next_ofItemsWithThousandsOfNulls_endsTheCatalog() throws Exception {
    StringBuilder fields = new StringBuilder("{\"name\": \"n\", \"type\": \"long\"}");
    for (int i = 0; i < 4_000; i++) {
      fields.append(", {\"name\": \"f").append(i).append("\", \"type\": \"null\"}");
    }
    String items =
        "{\"type\": \"array\", \"items\": {\"type\": \"record\", \"name\": \"I\", \"fields\": ["
            + fields
            + "]}}";
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(new byte[] {2, 'm'});
    block.writeBytes(number(1_000));
    block.writeBytes(new byte[1_001]);

    assertEndsForValuesWithoutBytes(withNested(items), block.toByteArray());
  }

  @Test
  void next_ofColumnsOfTypeNull_readsTheRecords() throws Exception {
    StringBuilder schema = new StringBuilder(SMALL);
    for (int i = 0; i < 30; i++) {
      String column = String.format(Locale.ROOT, ", {\"name\": \"f%d\", \"type\": \"null\"}", i);
      schema.insert(schema.length() - "]}".length(), column);
    }

    List<CatalogRecord> records =
        read(
            file(
                schema.toString(),
                "null",
                2_000,
                (record, i) -> record.put("model", "model" + (10_000 + i))));

    assertThat(records).hasSize(2_000).extracting(CatalogRecord::fault).containsOnly("");
  }

  private static String withNested(String type) {
    return SMALL.replace("\"string\"}", "\"string\"}, {\"name\": \"x\", \"type\": " + type + "}");
  }

  private static void assertEndsForValuesWithoutBytes(String schema, byte[] block)
      throws Exception {
    List<CatalogRecord> records = read(fileWithBlock(schema, 1, block.length, block));

    assertThat(records)
        .singleElement()
        .extracting(CatalogRecord::fault)
        .asString()
        .startsWith("a block has more than ")
        .endsWith(
            " values that take no bytes, which is the limit, so the catalog ends here. Write"
                + " smaller blocks or records.");
  }

  @Test
  void next_ofArrayBlockOfAnotherLengthThanItStates_endsTheCatalog() throws Exception {
    // One item in two bytes, says the block; it takes one. Avro would skip two.
    byte[] block = {1, 4, 0, 0, 0, 2, 'm'};

    List<CatalogRecord> records =
        read(fileWithBlock(NULLS.replace("\"null\"", "\"long\""), 1, block.length, block));

    assertThat(records).hasSize(1);
    assertThat(records.get(0).fault()).startsWith("a block is not what the schema says");
  }

  @Test
  void next_ofTextThatIsNotUtf8_isABadRecordAndTheNextIsRead() throws Exception {
    byte[] block = {4, 'a', (byte) 0xFF, 2, 'b'};

    List<CatalogRecord> records = read(fileWithBlock(SMALL, 2, block.length, block));

    assertThat(records.get(0).fault()).isEqualTo(CatalogRecord.NOT_UTF_8);
    assertThat(records.get(1).model()).isEqualTo("b");
  }

  @Test
  void create_ofFileThatIsNoAvro_isRefused() {
    assertRefused(
        "model\n".getBytes(StandardCharsets.UTF_8), "it is not an Avro object container file.");
    assertRefused(new byte[0], "it is not an Avro object container file.");
    assertRefused(new byte[] {'O', 'b', 'j', 1}, "the file ends in the middle of a block");
  }

  @Test
  void create_ofSchemaThatCannotBeUsed_isRefused() throws Exception {
    assertRefused(
        fileWithBlock("\"string\"", 0, 0, new byte[0]), "its schema is not that of a record.");
    assertRefused(fileWithBlock("{", 0, 0, new byte[0]), "its schema is not an Avro schema.");
    assertRefused(
        fileWithBlock("[".repeat(100_000), 0, 0, new byte[0]), "its schema is not an Avro schema.");
    assertRefused(
        fileWithBlock(SMALL.replace("model", "modell"), 0, 0, new byte[0]),
        "there is no field called model.");
    assertRefused(
        fileWithBlock(SMALL.replace("\"string\"", "\"long\""), 0, 0, new byte[0]),
        "its field model is of type long.");
    assertRefused(fileWithBlock(SMALL, "xz", 0, 0, new byte[0]), "its codec is xz.");
  }

  @Test
  void create_ofHeaderLargerThanAnyMayBe_isRefused() throws Exception {
    String schema = SMALL + " ".repeat(1 << 20);

    assertRefused(
        fileWithBlock(schema, 0, 0, new byte[0]),
        "its header has more than 1048576 bytes, which is the limit.");
  }

  private static void assertRefused(byte[] file, String fault) {
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(CatalogException.class)
        .hasMessageStartingWith("The catalog c.avro cannot be used: " + fault);
  }

  /** Fills a record. */
  private interface Filler {
    void fill(GenericRecord record, int number);
  }

  private static void fill(GenericRecord record, int number) {
    Schema nested = record.getSchema().getField("nested").schema().getTypes().get(1);
    Schema kind = record.getSchema().getField("kind").schema();
    GenericRecord inner = new GenericData.Record(nested);
    record.put("nested", inner);
    record.put("stars", (long) number);
    record.put("model", "m" + number);
    record.put("blob", java.nio.ByteBuffer.wrap(new byte[] {1, 2}));
    record.put("team", "t");
    record.put("tags", List.of("x", "y"));
    record.put("kind", new GenericData.EnumSymbol(kind, "B"));
    record.put("ignore_paths", List.of("logs"));
  }

  static byte[] file(String schemaText, String codec, int records, Filler filler)
      throws IOException {
    Schema schema = new Schema.Parser().parse(schemaText);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.setCodec(CodecFactory.fromString(codec)).create(schema, bytes);
      for (int i = 0; i < records; i++) {
        GenericRecord record = new GenericData.Record(schema);
        filler.fill(record, i);
        writer.append(record);
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] fileWithBlock(String schema, long records, long size, byte[] block)
      throws IOException {
    return fileWithBlock(schema, "null", records, size, block);
  }

  private static byte[] fileWithBlock(
      String schema, String codec, long records, long size, byte[] block) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] sync = new byte[16];
    bytes.writeBytes(new byte[] {'O', 'b', 'j', 1});
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    encoder.writeMapStart();
    encoder.setItemCount(2);
    encoder.writeString("avro.schema");
    encoder.writeBytes(schema.getBytes(StandardCharsets.UTF_8));
    encoder.writeString("avro.codec");
    encoder.writeBytes(codec.getBytes(StandardCharsets.UTF_8));
    encoder.writeMapEnd();
    bytes.writeBytes(sync);
    encoder.writeLong(records);
    encoder.writeLong(size);
    bytes.writeBytes(block);
    bytes.writeBytes(sync);
    return bytes.toByteArray();
  }

  private static byte[] number(long value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    EncoderFactory.get().directBinaryEncoder(bytes, null).writeLong(value);
    return bytes.toByteArray();
  }

  private static List<CatalogRecord> read(byte[] file) throws Exception {
    return new ArrayList<>(CatalogTexts.all(new AvroRecords(CatalogTexts.input(file), "c.avro")));
  }
}
