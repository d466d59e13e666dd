package dev.countersign.records;

import dev.countersign.remedy.Setting;
import dev.countersign.schemas.ModelResult;
import dev.countersign.text.Printable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.apache.avro.file.DataFileConstants;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.avro.utils.FSDataInputStreamWrapper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Results in an Avro container file, which may come from anybody. */
final class AvroResults implements ResultReader {

  private static final Logger LOG = LoggerFactory.getLogger(AvroResults.class);

  private static final int MAX_MESSAGE = 120;

  /** Codecs of the container that are read. Runs write the first; other tools like the second. */
  private static final Set<String> CODECS =
      Set.of(DataFileConstants.NULL_CODEC, DataFileConstants.DEFLATE_CODEC);

  private final Path file;
  private final FSDataInputStreamWrapper in;
  private final DataFileReader<ModelResult> stream;
  private long records;

  private AvroResults(Path file) throws IOException {
    this.file = file;
    this.in = input();
    try {
      this.stream = header();
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  static AvroResults open(Path file) throws IOException {
    AvroResults results = new AvroResults(file);
    try {
      results.demandResults();
    } catch (IOException e) {
      results.close();
      throw e;
    }
    return results;
  }

  @Override
  public @Nullable ModelResult next() throws IOException {
    try {
      if (!stream.hasNext()) {
        demandEnd();
        return null;
      }
      ModelResult result = stream.next();
      records++;
      return result;
    } catch (RuntimeException | StackOverflowError e) {
      throw malformed(
          String.format(Locale.ROOT, "is damaged behind record %d (%s)", records, cause(e)),
          "Fetch it again from where it was written.",
          e);
    } catch (OutOfMemoryError e) {
      throw tooLarge(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      stream.close();
    } finally {
      in.close();
    }
  }

  private FSDataInputStreamWrapper input() throws IOException {
    try {
      FileSystem files = file.getFileSystem();
      long length = files.getFileStatus(file).getLen();
      return new FSDataInputStreamWrapper(files.open(file), length);
    } catch (FileNotFoundException e) {
      throw new IOException(
          text("is not there, or this user may not read it", "Check its name."), e);
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          text("cannot be opened (" + cause(e) + ")", "Check that it can be read."), e);
    }
  }

  private DataFileReader<ModelResult> header() throws IOException {
    try {
      return new DataFileReader<>(in, new SpecificDatumReader<>(ModelResult.class));
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw malformed(
          "is no Avro container file (" + cause(e) + ")",
          "Name files that a run wrote under " + Setting.RESULTS + ".",
          e);
    } catch (OutOfMemoryError e) {
      throw tooLarge(e);
    }
  }

  /** All fields have defaults, so any record at all would be read as a result. */
  private void demandResults() throws IOException {
    String name = stream.getSchema().getFullName();
    if (!name.equals(ModelResult.getClassSchema().getFullName())) {
      throw malformed(
          "holds " + Printable.of(name) + ", not results",
          "Name files that a run wrote under " + Setting.RESULTS + ".",
          null);
    }
    if (!WrittenSchema.isBounded(stream.getSchema())) {
      throw malformed(
          "has a list in its schema whose elements take no bytes",
          "Name files that a run wrote under " + Setting.RESULTS + ".",
          null);
    }
    String codec = stream.getMetaString(DataFileConstants.CODEC);
    if (codec != null && !CODECS.contains(codec)) {
      throw malformed(
          "is compressed with " + Printable.of(codec),
          "Write it again with codec null or deflate.",
          null);
    }
  }

  /** Avro takes the end of the file within a block for the end of all blocks. */
  private void demandEnd() throws IOException {
    if (stream.previousSync() != in.length()) {
      throw malformed(
          String.format(Locale.ROOT, "is cut off behind record %d", records),
          "Fetch it again from where it was written.",
          null);
    }
  }

  private MalformedResultsException tooLarge(OutOfMemoryError e) {
    return malformed(
        String.format(Locale.ROOT, "needs more memory than there is behind record %d", records),
        "If a run of yours wrote it, give more with COUNTERSIGN_JAVA_OPTS=-Xmx4g.",
        e);
  }

  private MalformedResultsException malformed(
      String what, String remedy, @Nullable Throwable cause) {
    LOG.debug("Cannot read {}", Printable.of(file.toString()), cause);
    return new MalformedResultsException(text(what, remedy), cause);
  }

  private String text(String what, String remedy) {
    return String.format(Locale.ROOT, "%s %s. %s", Printable.of(file.toString()), what, remedy);
  }

  /** What a library says, in a few words. */
  private static String cause(Throwable e) {
    String message = e.getMessage();
    String said = message == null ? "" : message.lines().findFirst().orElse("").strip();
    String shown = said.length() > MAX_MESSAGE ? said.substring(0, MAX_MESSAGE) + "..." : said;
    String type = e.getClass().getSimpleName();
    return shown.isEmpty() ? type : type + ": " + Printable.of(shown);
  }
}
