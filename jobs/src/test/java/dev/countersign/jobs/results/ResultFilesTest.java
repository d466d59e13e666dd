package dev.countersign.jobs.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.schemas.Difference;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultFilesTest {

  @TempDir Path folder;
  private final List<ModelResult> read = new ArrayList<>();

  @Test
  void file_ofResults_isReadInItsOrder() throws IOException {
    read(write("results-1.avro", CodecFactory.nullCodec(), 3));

    assertThat(read).extracting(ModelResult::getEntryId).containsExactly(0L, 1L, 2L);
  }

  @Test
  void file_compressedWithDeflate_isRead() throws IOException {
    read(write("results-1.avro", CodecFactory.deflateCodec(6), 2));

    assertThat(read).hasSize(2);
  }

  @Test
  void file_compressedWithSnappy_isRead() throws IOException {
    read(write("results-1.avro", CodecFactory.snappyCodec(), 2));

    assertThat(read).hasSize(2);
  }

  @Test
  void file_compressedOtherwise_isRefused() throws IOException {
    Path file = write("results-1.avro", CodecFactory.bzip2Codec(), 2);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("results-1.avro is compressed with bzip2. Write it again with codec");
  }

  @Test
  void file_ofALaterVersion_isReadAsFarAsItIsKnown() throws IOException {
    Schema later = later();
    GenericData.Record record = new GenericData.Record(later);
    record.put("model", "/lake/m");
    record.put("outcome", new GenericData.EnumSymbol(later.getField("outcome").schema(), "ADORED"));
    record.put("reason", new GenericData.EnumSymbol(later.getField("reason").schema(), "MOON"));
    record.put("fromTheFuture", 7);

    read(writeGeneric(later, record));

    assertThat(read).hasSize(1);
    assertThat(read.get(0).getModel()).isEqualTo("/lake/m");
    assertThat(read.get(0).getOutcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(read.get(0).getReason()).isEqualTo(FailureReason.UNKNOWN);
  }

  @Test
  void file_ofOtherRecords_isRefusedByTheirName() throws IOException {
    Schema other =
        new Schema.Parser()
            .parse(
                "{\"type\":\"record\",\"name\":\"org.example.Other\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}");
    GenericData.Record record = new GenericData.Record(other);
    record.put("a", 1);
    Path file = writeGeneric(other, record);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("holds org.example.Other, not results.");
  }

  @Test
  void file_whoseListsTakeNoBytes_isRefused() throws IOException {
    Schema endless =
        new Schema.Parser()
            .parse(
                "{\"type\":\"record\",\"name\":\"dev.countersign.schemas.ModelResult\",\"fields\":[{\"name\":\"weakened\","
                    + "\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"Nothing\",\"fields\":["
                    + "{\"name\":\"a\",\"type\":\"null\"}]}}}]}");
    GenericData.Record record = new GenericData.Record(endless);
    GenericData.Record nothing =
        new GenericData.Record(endless.getField("weakened").schema().getElementType());
    record.put("weakened", Collections.nCopies(100_000_000, nothing));
    Path file = writeGeneric(endless, record);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "results-1.avro is damaged behind record 0 (a block is not what the schema says).");
    assertThat(Files.size(file)).isLessThan(1_000);
  }

  @Test
  void file_thatIsCutOff_givesWhatItHasAndSaysSo() throws IOException {
    Path file = write("results-1.avro", CodecFactory.nullCodec(), 5);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 20));

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("results-1.avro is cut off behind record 4.")
        .hasMessageContaining("Fetch it again");
    assertThat(read).hasSize(4);
  }

  @Test
  void file_withAChangedByte_givesWhatItHasAndSaysSo() throws IOException {
    Path file = write("results-1.avro", CodecFactory.nullCodec(), 5);
    byte[] whole = Files.readAllBytes(file);
    whole[whole.length - 1] ^= 1;
    Files.write(file, whole);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("results-1.avro is damaged behind record 4 (")
        .hasMessageContaining("Fetch it again");
  }

  @Test
  void file_whoseBlockClaimsGigabytes_isRefused() throws IOException {
    Path file = write("results-1.avro", CodecFactory.nullCodec(), 0);
    byte[] header = Files.readAllBytes(file);
    byte[] claim = {2, (byte) 0xfc, (byte) 0xff, (byte) 0xff, (byte) 0xff, 15};
    byte[] hostile = Arrays.copyOf(header, header.length + claim.length);
    System.arraycopy(claim, 0, hostile, header.length, claim.length);
    Files.write(file, hostile);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("results-1.avro");
    assertThat(read).isEmpty();
  }

  @Test
  void file_whoseBlockUnpacksToMoreThanItMay_isRefused() throws IOException {
    Path file = folder.resolve("results-1.avro");
    ModelResult large = ModelResult.newBuilder().setMessage("m".repeat(65 << 20)).build();
    write(file, CodecFactory.deflateCodec(9), large);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("results-1.avro is too large behind record 0: a block, unpacked,")
        .hasMessageContaining("Write results with a lower --max-recorded-differences.");
    assertThat(Files.size(file)).isLessThan(1 << 20);
  }

  @Test
  void file_whoseResultHasMoreDifferencesThanItMay_isRefused() throws IOException {
    Path file = folder.resolve("results-1.avro");
    List<Difference> many = Collections.nCopies(1_100_001, Difference.newBuilder().build());
    write(file, CodecFactory.nullCodec(), ModelResult.newBuilder().setDifferences(many).build());

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "results-1.avro is too large behind record 0: a record has more than 1100000 items");
  }

  @Test
  void file_thatIsNoContainer_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("results-1.avro"), "not Avro at all, but text");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not an Avro container file");
  }

  @Test
  void file_withAnotherEnding_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("results.txt"), "x");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("its name ends with none of .avro, .parquet, .jsonl");
  }

  @Test
  void file_thatIsNotThere_isNamed() {
    assertThatThrownBy(() -> read(folder.resolve("results-2.avro")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("results-2.avro is not there");
  }

  @Test
  void fault_ofTheConsumer_passesThrough() throws IOException {
    Path file = write("results-1.avro", CodecFactory.nullCodec(), 1);

    assertThatThrownBy(
            () ->
                ResultFiles.read(
                    inFlinksForm(file),
                    result -> {
                      throw new IllegalStateException("mine");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("mine");
  }

  private void read(Path file) throws IOException {
    ResultFiles.read(inFlinksForm(file), read::add);
  }

  private static org.apache.flink.core.fs.Path inFlinksForm(Path file) {
    return new org.apache.flink.core.fs.Path("file://" + file);
  }

  private Path write(String name, CodecFactory codec, int records) throws IOException {
    Path file = folder.resolve(name);
    try (DataFileWriter<ModelResult> writer =
        new DataFileWriter<>(new SpecificDatumWriter<>(ModelResult.class))) {
      writer.setCodec(codec).create(ModelResult.getClassSchema(), file.toFile());
      for (int i = 0; i < records; i++) {
        writer.append(ModelResult.newBuilder().setEntryId(i).build());
        writer.sync();
      }
    }
    return file;
  }

  private static void write(Path file, CodecFactory codec, ModelResult result) throws IOException {
    try (DataFileWriter<ModelResult> writer =
        new DataFileWriter<>(new SpecificDatumWriter<>(ModelResult.class))) {
      writer.setCodec(codec).create(ModelResult.getClassSchema(), file.toFile());
      writer.append(result);
    }
  }

  private Path writeGeneric(Schema schema, GenericData.Record record) throws IOException {
    Path file = folder.resolve("results-1.avro");
    try (DataFileWriter<GenericData.Record> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.create(schema, file.toFile());
      writer.append(record);
    }
    return file;
  }

  /** Has symbols and a field that this version does not know, and lacks most fields. */
  private static Schema later() {
    String text =
        "{\"type\":\"record\",\"name\":\"ModelResult\",\"namespace\":\"dev.countersign.schemas\",\"fields\":["
            + "{\"name\":\"fromTheFuture\",\"type\":\"int\"},{\"name\":\"model\",\"type\":\"string\"},"
            + "{\"name\":\"outcome\",\"type\":{\"type\":\"enum\",\"name\":\"Outcome\",\"symbols\":[\"ADORED\",\"FAILED\"]}},"
            + "{\"name\":\"reason\",\"type\":{\"type\":\"enum\",\"name\":\"FailureReason\",\"symbols\":[\"MOON\",\"NONE\"]}}]}";
    return new Schema.Parser().parse(text);
  }
}
