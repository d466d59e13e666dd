package dev.countersign.records;

import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;

/** Writes results as one JSON object a line, as {@link RecordJson} has them. */
final class JsonLinesWriter implements BulkWriter<ModelResult> {

  private final FSDataOutputStream output;

  /** The stream stays the caller's to close. */
  JsonLinesWriter(FSDataOutputStream output) {
    this.output = output;
  }

  @Override
  public void addElement(ModelResult result) throws IOException {
    output.write((RecordJson.line(result) + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void flush() throws IOException {
    output.flush();
  }

  @Override
  public void finish() throws IOException {
    output.flush();
  }
}
