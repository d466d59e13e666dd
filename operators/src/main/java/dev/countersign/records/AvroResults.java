package dev.countersign.records;

import dev.countersign.schemas.ModelResult;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.InvalidAvroMagicException;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/** Results in an Avro container file. */
final class AvroResults implements ResultReader {

  private final Path file;
  private final DataFileStream<ModelResult> records;

  private AvroResults(Path file, DataFileStream<ModelResult> records) {
    this.file = file;
    this.records = records;
  }

  static AvroResults open(Path file) throws IOException {
    InputStream input = file.getFileSystem().open(file);
    try {
      return new AvroResults(
          file, new DataFileStream<>(input, new SpecificDatumReader<>(ModelResult.class)));
    } catch (AvroRuntimeException | InvalidAvroMagicException | EOFException e) {
      input.close();
      throw malformed(file, e);
    } catch (IOException | RuntimeException e) {
      input.close();
      throw e;
    }
  }

  @Override
  public @Nullable ModelResult next() throws IOException {
    try {
      return records.hasNext() ? records.next() : null;
    } catch (AvroRuntimeException e) {
      throw malformed(file, e);
    }
  }

  @Override
  public void close() throws IOException {
    records.close();
  }

  private static MalformedResultsException malformed(Path file, Exception cause) {
    return new MalformedResultsException(
        "The results in " + file + " are no valid Avro: " + cause.getMessage(), cause);
  }
}
