package dev.countersign.records;

import dev.countersign.remedy.Setting;
import dev.countersign.schemas.ModelResult;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
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
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.util.TemporaryClassLoaderContext;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** Results in a Parquet file. */
final class ParquetResults implements ResultReader {

  /** Parquet's setting for the schema to read with; it has no public constant. */
  private static final String READ_SCHEMA = "parquet.avro.read.schema";

  /** What results of every version have. */
  private static final List<String> COLUMNS = List.of("model", "outcome");

  /** What is held in memory until it is written, in bytes. */
  private static final long ROW_GROUP_BYTES = 8 << 20;

  private final Path file;
  private final ParquetReader<GenericRecord> records;

  private ParquetResults(Path file, ParquetReader<GenericRecord> records) {
    this.file = file;
    this.records = records;
  }

  /** Returns a writer on a stream that stays the caller's to close. */
  static BulkWriter<ModelResult> writer(FSDataOutputStream output) throws IOException {
    ParquetConfiguration configuration = new PlainParquetConfiguration();
    // Lists in the form of three levels, which the format prescribes by now.
    configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    AvroParquetWriter.Builder<GenericRecord> builder =
        AvroParquetWriter.<GenericRecord>builder(new Output(output))
            .withConf(configuration)
            .withSchema(PlainRecords.SCHEMA)
            .withDataModel(new GenericData())
            .withRowGroupSize(ROW_GROUP_BYTES)
            // The one codec that every reader has and the JDK brings; others load native code.
            .withCompressionCodec(CompressionCodecName.GZIP);
    return new Writer(withOwnClasses(builder::build));
  }

  private interface Step<T extends @Nullable Object> {
    T run() throws IOException;
  }

  /**
   * Runs what may make a codec. The library keeps codecs for all later files of the process,
   * together with the class loader that the thread has; that of a job is closed when the job ends.
   */
  private static <T extends @Nullable Object> T withOwnClasses(Step<T> step) throws IOException {
    try (TemporaryClassLoaderContext unused =
        TemporaryClassLoaderContext.of(ParquetResults.class.getClassLoader())) {
      return step.run();
    }
  }

  static ParquetResults open(Path file) throws IOException {
    ParquetConfiguration configuration = new PlainParquetConfiguration();
    // Our schema, not the one in the file: that could name classes to make objects of.
    configuration.set(READ_SCHEMA, PlainRecords.SCHEMA.toString());
    FileSystem files = file.getFileSystem();
    Input input = new Input(files, file, files.getFileStatus(file).getLen());
    requireResults(input);
    return new ParquetResults(
        file,
        AvroParquetReader.<GenericRecord>builder(input, configuration)
            .withDataModel(new GenericData())
            .withCompatibility(false)
            .build());
  }

  /**
   * All fields have defaults, so any record at all would be read as a result. Tools that write
   * results again name records as they like, so columns tell.
   */
  private static void requireResults(Input input) throws IOException {
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    MessageType schema;
    try (ParquetFileReader reader = ParquetFileReader.open(input, options)) {
      schema = reader.getFileMetaData().getSchema();
    } catch (RuntimeException | LinkageError e) {
      throw unreadable(input.file(), e);
    }
    for (String column : COLUMNS) {
      if (!schema.containsField(column)) {
        throw malformed(
            input.file(),
            "holds other records, not results: it has no column " + column,
            "Name files that a run wrote under " + Setting.RESULTS + ".");
      }
    }
    // The library cannot pass over a column.
    for (Type column : schema.getFields()) {
      if (PlainRecords.SCHEMA.getField(column.getName()) == null) {
        throw malformed(
            input.file(),
            "has a column that this release does not know: " + Printable.of(column.getName()),
            "Read it with the release that wrote it, or write it again without that column.");
      }
    }
  }

  private static MalformedResultsException malformed(Path file, String what, String remedy) {
    return new MalformedResultsException(
        Message.of("%s %s. %s", Printable.of(file.toString()), what, remedy));
  }

  @Override
  public @Nullable ModelResult next() throws IOException {
    try {
      GenericRecord record = withOwnClasses(records::read);
      return record == null ? null : PlainRecords.result(record);
    } catch (RuntimeException | LinkageError e) {
      throw unreadable(file, e);
    }
  }

  /** What the library throws for a file that is none, or one with a codec that is not there. */
  private static MalformedResultsException unreadable(Path file, Throwable cause) {
    return new MalformedResultsException(
        Printable.of(file.toString())
            + " is damaged, is not a Parquet file, or is compressed with a codec that is not"
            + " available here. Fetch it again, or leave it out.",
        cause);
  }

  @Override
  public void close() throws IOException {
    records.close();
  }

  /** A file of Flink's as one of Parquet's. */
  private record Input(FileSystem files, Path file, long length) implements InputFile {

    @Override
    public long getLength() {
      return length;
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      return new InputPositions(files.open(file));
    }
  }

  /** A stream of Flink's as one of Parquet's. */
  private static final class InputPositions extends DelegatingSeekableInputStream {
    private final FSDataInputStream stream;

    InputPositions(FSDataInputStream stream) {
      super(stream);
      this.stream = stream;
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public void seek(long position) throws IOException {
      stream.seek(position);
    }
  }

  private record Writer(ParquetWriter<GenericRecord> writer) implements BulkWriter<ModelResult> {
    @Override
    public void addElement(ModelResult result) throws IOException {
      writer.write(PlainRecords.of(result));
    }

    /** Rows are written by the group; there is nothing to flush before the end. */
    @Override
    public void flush() {}

    @Override
    public void finish() throws IOException {
      writer.close();
    }
  }

  /** A stream of Flink's as a file of Parquet's. */
  private record Output(FSDataOutputStream stream) implements OutputFile {

    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return new OutputPositions(stream);
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
      return new OutputPositions(stream);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }

  /** Passes all on but the end. */
  private static final class OutputPositions extends PositionOutputStream {
    private final FSDataOutputStream stream;

    OutputPositions(FSDataOutputStream stream) {
      this.stream = stream;
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public void write(int b) throws IOException {
      stream.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      stream.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      stream.flush();
    }

    /** The sink closes the stream, once it has made sure that all is stored. */
    @Override
    public void close() throws IOException {
      stream.flush();
    }
  }

  /**
   * Results as plain records, whose enums are strings and whose times are milliseconds. Parquet has
   * a mark for enums, but many readers take a column with that mark for bytes.
   */
  private static final class PlainRecords {

    /** The schema of plain records: as that of results, but for enums. */
    static final Schema SCHEMA = plain(ModelResult.getClassSchema());

    private static final SpecificData MODEL = new ModelResult().getSpecificData();

    private PlainRecords() {}

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
                                field.name(),
                                plain(field.schema()),
                                field.doc(),
                                field.defaultVal()))
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
}
