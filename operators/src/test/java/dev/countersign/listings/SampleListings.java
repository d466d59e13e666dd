package dev.countersign.listings;

import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;

/** Listings for tests, and files of them as Avro writes them. */
public final class SampleListings {

  /** When the files of samples were listed. */
  static final long LISTED = 1_700_000_100_000L;

  private SampleListings() {}

  static FileListing listing(String runId, String model, long planned, String... files) {
    List<ListedRange> ranges = new ArrayList<>();
    for (String file : files) {
      ranges.add(range(file));
    }
    return FileListing.newBuilder()
        .setRunId(runId)
        .setEntryId(3)
        .setAttempt(2)
        .setUnit(1)
        .setOperation(Operation.VERIFY)
        .setModel(model)
        .setHashType("sha256")
        .setMethod("files")
        .setIgnoreSet("ab")
        .setPlanned(planned)
        .setRanges(ranges)
        .build();
  }

  /** A file that was left alone for long when it was listed. */
  static ListedRange range(String name) {
    byte[] digest = new byte[32];
    digest[0] = (byte) name.length();
    return new ListedRange(
        name, 0L, -1L, 5L, "v1", LISTED - 1_000_000, LISTED, ByteBuffer.wrap(digest));
  }

  /** The same file, as it is planned anew. */
  static UnitRange fresh(ListedRange then) {
    return UnitRange.newBuilder()
        .setName(then.getName())
        .setStart(then.getStart())
        .setEnd(then.getEnd())
        .setLength(then.getLength())
        .setVersion(then.getVersion())
        .setModified(then.getModified())
        .build();
  }

  static ListingScope scope(String model) {
    return new ListingScope(model, Operation.VERIFY, "sha256", "files", 0, false, "ab");
  }

  /** Writes a file with one block for each list. */
  @SafeVarargs
  public static String write(Path file, List<FileListing>... blocks) throws IOException {
    Files.write(file, bytes(CodecFactory.nullCodec(), blocks));
    return file.toUri().toString();
  }

  /** As the other one. */
  static String write(Path file, Iterable<List<FileListing>> blocks) throws IOException {
    Files.write(file, bytes(CodecFactory.nullCodec(), blocks));
    return file.toUri().toString();
  }

  @SafeVarargs
  static byte[] bytes(CodecFactory codec, List<FileListing>... blocks) throws IOException {
    List<List<FileListing>> all = new ArrayList<>();
    for (List<FileListing> block : blocks) {
      all.add(block);
    }
    return bytes(codec, all);
  }

  private static byte[] bytes(CodecFactory codec, Iterable<List<FileListing>> blocks)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<FileListing> writer =
        new DataFileWriter<>(new SpecificDatumWriter<>(FileListing.class))) {
      writer.setCodec(codec);
      writer.create(FileListing.getClassSchema(), bytes);
      for (List<FileListing> block : blocks) {
        for (FileListing listing : block) {
          writer.append(listing);
        }
        var unused = writer.sync();
      }
    }
    return bytes.toByteArray();
  }
}
