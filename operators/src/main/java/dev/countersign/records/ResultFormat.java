package dev.countersign.records;

import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.avro.AvroWriters;

/** What files of results are made of. The end of a file's name tells which it is. */
public enum ResultFormat {
  /** Avro container files. */
  AVRO(".avro") {
    @Override
    public BulkWriter.Factory<ModelResult> writers() {
      return AvroWriters.forSpecificRecord(ModelResult.class);
    }

    @Override
    public ResultReader open(Path file) throws IOException {
      return AvroResults.open(file);
    }
  },

  /** Parquet files, with enums as strings. */
  PARQUET(".parquet") {
    @Override
    public BulkWriter.Factory<ModelResult> writers() {
      return ParquetResults::writer;
    }

    @Override
    public ResultReader open(Path file) throws IOException {
      return ParquetResults.open(file);
    }
  },

  /** One JSON object a line, in UTF-8, each line ended by a line feed. */
  JSONL(".jsonl") {
    @Override
    public BulkWriter.Factory<ModelResult> writers() {
      return JsonLines::writer;
    }

    @Override
    public ResultReader open(Path file) throws IOException {
      return JsonLines.open(file);
    }
  };

  private final String suffix;

  ResultFormat(String suffix) {
    this.suffix = suffix;
  }

  /** Returns what the names of such files end with, with its dot. */
  public String suffix() {
    return suffix;
  }

  /** Returns what makes writers of such files. */
  public abstract BulkWriter.Factory<ModelResult> writers();

  /**
   * Opens a file of this format, which must be complete.
   *
   * @throws MalformedResultsException if the file breaks a rule of its format
   * @throws IOException if the file cannot be read
   */
  public abstract ResultReader open(Path file) throws IOException;

  /** Returns the suffixes of all formats, for a message. */
  public static String suffixes() {
    return Arrays.stream(values()).map(ResultFormat::suffix).collect(Collectors.joining(", "));
  }

  /** Returns the format that a file's name ends with the suffix of; empty if there is none. */
  public static Optional<ResultFormat> ofName(String name) {
    return Arrays.stream(values()).filter(format -> name.endsWith(format.suffix)).findFirst();
  }
}
