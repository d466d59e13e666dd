package dev.countersign.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ResultFormatTest {

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void results_writtenAndRead_areEqual(ResultFormat format) throws IOException {
    List<ModelResult> results = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      results.add(i % 2 == 0 ? SampleResults.full(i) : SampleResults.bare(i));
    }

    Path file = write(format, results);

    assertThat(read(format, file)).isEqualTo(results);
  }

  @Test
  void sample_ofAllFields_leavesNoneAtItsDefault() {
    ModelResult bare = SampleResults.bare(0);
    ModelResult full = SampleResults.full(1);

    for (Schema.Field field : ModelResult.getClassSchema().getFields()) {
      assertThat(full.get(field.pos())).as(field.name()).isNotEqualTo(bare.get(field.pos()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void file_withoutResults_hasNone(ResultFormat format) throws IOException {
    Path file = write(format, List.of());

    assertThat(read(format, file)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void file_thatWasCutOff_isMalformed(ResultFormat format) throws IOException {
    Path file = write(format, List.of(SampleResults.full(0), SampleResults.full(1)));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 3));

    assertThatThrownBy(() -> read(format, file))
        .isInstanceOf(MalformedResultsException.class)
        .hasMessageContaining(file.getFileName().toString());
  }

  @ParameterizedTest
  @EnumSource
  void file_ofAnotherKind_isMalformed(ResultFormat format) throws IOException {
    Path file = Files.writeString(folder.resolve("x" + format.suffix()), "no results\n");

    assertThatThrownBy(() -> read(format, file))
        .isInstanceOf(MalformedResultsException.class)
        .hasMessageContaining(file.getFileName().toString());
  }

  @Test
  void parquet_thatIsDamaged_isRefusedWithoutTheLibrarysWords() throws IOException {
    Path file = Files.writeString(folder.resolve("x.parquet"), "no Parquet file\n");

    assertThatThrownBy(() -> read(ResultFormat.PARQUET, file))
        .isInstanceOf(MalformedResultsException.class)
        .hasMessageEndingWith(
            "x.parquet is damaged, is not a Parquet file, or is compressed with a codec that is"
                + " not available here. Fetch it again, or leave it out.");
  }

  @Test
  void parquet_ofOtherRecords_isRefusedByAColumnThatIsNotThere() throws IOException {
    Schema other =
        SchemaBuilder.record("org.example.Other").fields().requiredString("model").endRecord();
    Path file = writeParquet(other, Map.of("model", "/lake/m"));

    assertThatThrownBy(() -> read(ResultFormat.PARQUET, file))
        .isInstanceOf(MalformedResultsException.class)
        .hasMessageContaining("other.parquet holds other records, not results: it has no column")
        .hasMessageContaining("outcome. Name files that a run wrote under 'results'.");
  }

  @Test
  void parquet_ofALaterVersion_isRefusedByTheColumnThatIsNew() throws IOException {
    Schema later =
        SchemaBuilder.record("later")
            .fields()
            .requiredString("model")
            .requiredString("outcome")
            .requiredInt("fromTheFuture")
            .endRecord();
    Path file = writeParquet(later, Map.of("model", "/m", "outcome", "SIGNED", "fromTheFuture", 7));

    assertThatThrownBy(() -> read(ResultFormat.PARQUET, file))
        .isInstanceOf(MalformedResultsException.class)
        .hasMessageContaining("other.parquet has a column that this release does not know: ")
        .hasMessageContaining("fromTheFuture. Read it with the release that wrote it, or");
  }

  @Test
  void parquet_withColumnsMissingAndUnknownSymbols_hasDefaults() throws IOException {
    Schema few =
        SchemaBuilder.record("few")
            .fields()
            .requiredString("model")
            .requiredString("outcome")
            .requiredString("reason")
            .endRecord();
    Path file = writeParquet(few, Map.of("model", "/m", "outcome", "ADORED", "reason", "MOON"));

    assertThat(read(ResultFormat.PARQUET, file))
        .containsExactly(
            ModelResult.newBuilder()
                .setModel("/m")
                .setOutcome(Outcome.UNKNOWN)
                .setReason(FailureReason.UNKNOWN)
                .build());
  }

  private Path writeParquet(Schema schema, Map<String, Object> fields) throws IOException {
    GenericRecord record = new GenericData.Record(schema);
    fields.forEach(record::put);
    Path file = folder.resolve("other.parquet");
    try (ParquetWriter<GenericRecord> writer =
        AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withSchema(schema)
            .withDataModel(new GenericData())
            .build()) {
      writer.write(record);
    }
    return file;
  }

  @Test
  void parquet_ofResults_hasNoCompressionThatLoadsNativeCode() throws IOException {
    Path file = write(ResultFormat.PARQUET, List.of(SampleResults.full(0)));

    try (var input =
        org.apache.parquet.hadoop.ParquetFileReader.open(
            new org.apache.parquet.io.LocalInputFile(file))) {
      assertThat(input.getFooter().getBlocks().get(0).getColumns())
          .allMatch(column -> column.getCodec().name().equals("GZIP"));
      assertThat(input.getFileMetaData().toString())
          .contains(
              "required binary outcome (STRING)",
              "required int64 started (TIMESTAMP(MILLIS,true))",
              "repeated group list {",
              "repeated group key_value");
    }
  }

  @Test
  void parquet_afterAJobThatWroteSomeHasEnded_isWrittenAndRead() throws Exception {
    forgetCodecs();
    ClassLoader ofTest = Thread.currentThread().getContextClassLoader();
    JobClassLoader ofJob = new JobClassLoader(ofTest);
    Thread.currentThread().setContextClassLoader(ofJob);
    try {
      Path unused = write(ResultFormat.PARQUET, List.of(SampleResults.full(0)));
    } finally {
      Thread.currentThread().setContextClassLoader(ofTest);
      ofJob.ended = true;
    }
    // As the first use of HDFS in a process does.
    Configuration.reloadExistingConfigurations();

    Path file = write(ResultFormat.PARQUET, List.of(SampleResults.full(0)));

    assertThat(read(ResultFormat.PARQUET, file)).hasSize(1);
  }

  /** The library keeps codecs for the whole process, so other tests have made them. */
  private static void forgetCodecs() throws ReflectiveOperationException {
    Field codecs = CodecFactory.class.getDeclaredField("CODEC_BY_NAME");
    codecs.setAccessible(true);
    ((Map<?, ?>) codecs.get(null)).clear();
  }

  /** Refuses to be used after the job, as Flink's does. */
  private static final class JobClassLoader extends ClassLoader {

    private volatile boolean ended;

    private JobClassLoader(ClassLoader parent) {
      super(parent);
    }

    @Override
    public URL getResource(String name) {
      if (ended) {
        throw new IllegalStateException("closed");
      }
      return super.getResource(name);
    }
  }

  @Test
  void format_ofAName_isToldByItsEnd() {
    assertThat(ResultFormat.ofName("results-1.avro")).contains(ResultFormat.AVRO);
    assertThat(ResultFormat.ofName("results-1.parquet")).contains(ResultFormat.PARQUET);
    assertThat(ResultFormat.ofName("results-1.jsonl")).contains(ResultFormat.JSONL);
    assertThat(ResultFormat.ofName("run-1.json")).isEmpty();
  }

  private Path write(ResultFormat format, List<ModelResult> results) throws IOException {
    Path file = folder.resolve("results" + format.suffix());
    org.apache.flink.core.fs.Path path = new org.apache.flink.core.fs.Path(file.toUri());
    try (FSDataOutputStream output =
        FileSystem.getLocalFileSystem().create(path, FileSystem.WriteMode.OVERWRITE)) {
      BulkWriter<ModelResult> writer = format.writers().create(output);
      for (ModelResult result : results) {
        writer.addElement(result);
      }
      writer.flush();
      writer.finish();
    }
    return file;
  }

  private static List<ModelResult> read(ResultFormat format, Path file) throws IOException {
    List<ModelResult> results = new ArrayList<>();
    try (ResultReader reader = format.open(new org.apache.flink.core.fs.Path(file.toUri()))) {
      for (ModelResult result = reader.next(); result != null; result = reader.next()) {
        results.add(result);
      }
    }
    return results;
  }
}
