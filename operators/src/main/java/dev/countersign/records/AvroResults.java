package dev.countersign.records;

import dev.countersign.avro.ContainerHeader;
import dev.countersign.avro.ContainerReader;
import dev.countersign.avro.MalformedAvroException;
import dev.countersign.avro.RecordDecoder;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.ModelResult;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Results in an Avro container file, which may come from anybody. */
final class AvroResults implements ResultReader {

  private static final Logger LOG = LoggerFactory.getLogger(AvroResults.class);

  /**
   * Bytes of a block, which holds one large result or many small ones. A run's own results fit: the
   * texts of differences have 16 MiB, and a million differences take ten bytes each beside them.
   */
  private static final int MAX_BLOCK_BYTES = 64 << 20;

  /** Items in all lists of one result: differences, of which a run records fewer, and the rest. */
  private static final int MAX_ITEMS = 1_100_000;

  private static final int BUFFER = 64 << 10;

  private final Path file;
  private final InputStream in;
  private final ContainerReader container;
  private final RecordDecoder<ModelResult> decoder;
  private long records;

  private AvroResults(Path file, InputStream in) throws IOException {
    this.file = file;
    this.in = in;
    ContainerHeader header = header();
    this.container = new ContainerReader(in, header, header.length(), MAX_BLOCK_BYTES);
    SpecificDatumReader<ModelResult> reader = new SpecificDatumReader<>(ModelResult.class);
    reader.setSchema(header.schema());
    this.decoder = new RecordDecoder<>(header.schema(), reader, MAX_ITEMS);
  }

  static AvroResults open(Path file) throws IOException {
    InputStream in = input(file);
    try {
      return new AvroResults(file, in);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public @Nullable ModelResult next() throws IOException {
    try {
      ModelResult result = container.next(decoder);
      records++;
      return result;
    } catch (MalformedAvroException e) {
      String where = Message.of(" behind record %d", records);
      String again = "Fetch it again from where it was written.";
      throw switch (e.kind()) {
        case CUT_OFF -> malformed("is cut off" + where, again, e);
        case TOO_LARGE ->
            malformed(
                "is too large" + where + ": " + e.getMessage(),
                "Write results with a lower " + Setting.MAX_RECORDED_DIFFERENCES + ".",
                e);
        default -> malformed("is damaged" + where + " (" + e.getMessage() + ")", again, e);
      };
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private static InputStream input(Path file) throws IOException {
    try {
      return new BufferedInputStream(file.getFileSystem().open(file), BUFFER);
    } catch (FileNotFoundException e) {
      throw new IOException(
          text(file, "is not there, or this user may not read it", "Check its name."), e);
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  private static IOException unreadable(Path file, Exception e) {
    return new IOException(
        text(
            file,
            "cannot be read (" + Printable.of(String.valueOf(e)) + ")",
            "Check that it can be read."),
        e);
  }

  /** All fields have defaults, so any record at all would be read as a result. */
  private ContainerHeader header() throws IOException {
    ContainerHeader header;
    try {
      header = ContainerHeader.read(in);
    } catch (MalformedAvroException e) {
      throw notResults("is not an Avro container file", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    String name = header.schema().getFullName();
    if (!name.equals(ModelResult.getClassSchema().getFullName())) {
      throw notResults("holds " + Printable.of(name) + ", not results", null);
    }
    if (!ContainerHeader.CODECS.contains(header.codec())) {
      throw malformed(
          "is compressed with " + Printable.of(header.codec()),
          "Write it again with codec null, deflate or snappy.",
          null);
    }
    return header;
  }

  private MalformedResultsException notResults(String what, @Nullable Throwable cause) {
    return malformed(what, "Name files that a run wrote under " + Setting.RESULTS + ".", cause);
  }

  private MalformedResultsException malformed(
      String what, String remedy, @Nullable Throwable cause) {
    LOG.debug("Cannot read {}", Printable.of(file.toString()), cause);
    return new MalformedResultsException(text(file, what, remedy), cause);
  }

  private static String text(Path file, String what, String remedy) {
    return Message.of("%s %s. %s", Printable.of(file.toString()), what, remedy);
  }
}
