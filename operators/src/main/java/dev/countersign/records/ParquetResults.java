package dev.countersign.records;

import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** Results in a Parquet file. */
final class ParquetResults implements ResultReader {

  /** Parquet's setting for the schema to read with; it has no public constant. */
  private static final String READ_SCHEMA = "parquet.avro.read.schema";

  private final Path file;
  private final ParquetReader<GenericRecord> records;

  private ParquetResults(Path file, ParquetReader<GenericRecord> records) {
    this.file = file;
    this.records = records;
  }

  static ParquetResults open(Path file) throws IOException {
    ParquetConfiguration configuration = new PlainParquetConfiguration();
    // Our schema, not the one in the file: that could name classes to make objects of.
    configuration.set(READ_SCHEMA, PlainRecords.SCHEMA.toString());
    FileSystem files = file.getFileSystem();
    Input input = new Input(files, file, files.getFileStatus(file).getLen());
    return new ParquetResults(
        file,
        AvroParquetReader.<GenericRecord>builder(input, configuration)
            .withDataModel(new GenericData())
            .withCompatibility(false)
            .build());
  }

  @Override
  public @Nullable ModelResult next() throws IOException {
    try {
      GenericRecord record = records.read();
      return record == null ? null : PlainRecords.result(record);
    } catch (RuntimeException | LinkageError e) {
      // What the library throws for a file that is none, or one with a codec that is not there.
      throw new MalformedResultsException(
          "The results in " + file + " are no Parquet that can be read here: " + e.getMessage(), e);
    }
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
      return new Positions(files.open(file));
    }
  }

  /** A stream of Flink's as one of Parquet's. */
  private static final class Positions extends DelegatingSeekableInputStream {
    private final FSDataInputStream stream;

    Positions(FSDataInputStream stream) {
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
}
