package dev.countersign.records;

import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** Writes results to a Parquet file. */
final class ParquetResultWriter implements BulkWriter<ModelResult> {

  /** What is held in memory until it is written, in bytes. */
  private static final long ROW_GROUP_BYTES = 8 << 20;

  private final ParquetWriter<GenericRecord> writer;

  private ParquetResultWriter(ParquetWriter<GenericRecord> writer) {
    this.writer = writer;
  }

  /** A writer on a stream that stays the caller's to close. */
  static ParquetResultWriter open(FSDataOutputStream output) throws IOException {
    ParquetConfiguration configuration = new PlainParquetConfiguration();
    // Lists in the form of three levels, which the format prescribes by now.
    configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    return new ParquetResultWriter(
        AvroParquetWriter.<GenericRecord>builder(new Output(output))
            .withConf(configuration)
            .withSchema(PlainRecords.SCHEMA)
            .withDataModel(new GenericData())
            .withRowGroupSize(ROW_GROUP_BYTES)
            // The one codec that every reader has and the JDK brings; others load native code.
            .withCompressionCodec(CompressionCodecName.GZIP)
            .build());
  }

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

  /** A stream of Flink's as a file of Parquet's. */
  private record Output(FSDataOutputStream stream) implements OutputFile {

    @Override
    public PositionOutputStream create(long blockSizeHint) {
      return new Positions(stream);
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) {
      return new Positions(stream);
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
  private static final class Positions extends PositionOutputStream {
    private final FSDataOutputStream stream;

    Positions(FSDataOutputStream stream) {
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
}
