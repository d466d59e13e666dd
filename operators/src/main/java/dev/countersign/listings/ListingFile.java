package dev.countersign.listings;

import dev.countersign.avro.ContainerHeader;
import dev.countersign.avro.ContainerReader;
import dev.countersign.avro.MalformedAvroException;
import dev.countersign.avro.RecordBlock;
import dev.countersign.avro.RecordDecoder;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.FileListing;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/**
 * One file of listings: an Avro container file, not compressed, of {@link FileListing}. A file of
 * another schema is refused: all fields have defaults, so Avro would read any record as a listing.
 *
 * <p>Thread safe; each reading opens the file again.
 */
final class ListingFile {

  /** A record of a unit is far below these limits: it has 4,096 ranges or 1 MiB of texts. */
  private static final int MAX_BLOCK_BYTES = 64 << 20;

  private static final int MAX_RANGES = 1 << 16;

  private static final int BUFFER = 64 << 10;

  private static final Schema SCHEMA = FileListing.getClassSchema();

  /** The fields before the ranges, which are the last one. */
  private static final Schema HEAD =
      Schema.createRecord(
          SCHEMA.getName(),
          null,
          SCHEMA.getNamespace(),
          false,
          SCHEMA.getFields().stream()
              .limit(SCHEMA.getField("ranges").pos())
              .map(field -> new Schema.Field(field, field.schema()))
              .toList());

  private final Path path;
  private final ContainerHeader header;

  private ListingFile(Path path, ContainerHeader header) {
    this.path = path;
    this.header = header;
  }

  /** Gets the records of a file, one after the other. */
  interface RecordVisitor {

    /**
     * Takes one record.
     *
     * @param block where its block begins in the file, for {@link #block}
     * @param length how many bytes the block has
     * @param offset where it begins in its block, for {@link #record}
     * @param head the record without its ranges
     */
    void visit(long block, int length, int offset, FileListing head) throws IOException;
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws MalformedListingException if it is not a file of listings
   * @throws IOException if it cannot be read
   */
  static ListingFile open(Path path) throws IOException {
    try (InputStream input = new BufferedInputStream(path.getFileSystem().open(path))) {
      return open(path, input);
    }
  }

  private static ListingFile open(Path path, InputStream input) throws IOException {
    try {
      ContainerHeader header = ContainerHeader.read(input);
      if (!header.schema().equals(SCHEMA)) {
        throw malformed(path, "holds other records, or listings of another release");
      }
      if (!header.codec().equals("null")) {
        throw malformed(path, "is compressed");
      }
      return new ListingFile(path, header.withSchema(SCHEMA));
    } catch (MalformedAvroException e) {
      throw malformed(path, "is not an Avro container file");
    }
  }

  /**
   * Opens a file and reads all its records.
   *
   * @throws MalformedListingException if the file breaks a rule of its format
   * @throws IOException if it cannot be read
   */
  static ListingFile read(Path path, RecordVisitor visitor) throws IOException {
    try (InputStream input = new BufferedInputStream(path.getFileSystem().open(path), BUFFER)) {
      ListingFile file = open(path, input);
      ContainerReader container =
          new ContainerReader(input, file.header, file.header.length(), MAX_BLOCK_BYTES);
      RecordDecoder<FileListing> decoder = decoder(HEAD);
      try {
        for (FileListing head = container.next(decoder);
            head != null;
            head = container.next(decoder)) {
          visitor.visit(
              container.blockPosition(), container.block().length, container.offset(), head);
        }
      } catch (MalformedAvroException e) {
        throw file.damaged(container.blockPosition());
      }
      return file;
    }
  }

  /**
   * Reads the block that begins at {@code position}, as {@link #read} reported it.
   *
   * @throws MalformedListingException if none begins there any more
   * @throws IOException if it cannot be read
   */
  byte[] block(long position) throws IOException {
    try (FSDataInputStream file = path.getFileSystem().open(path)) {
      file.seek(position);
      ContainerReader container =
          new ContainerReader(
              new BufferedInputStream(file, BUFFER), header, position, MAX_BLOCK_BYTES);
      if (!container.advance()) {
        throw damaged(position);
      }
      return container.block();
    } catch (MalformedAvroException e) {
      throw damaged(position);
    }
  }

  /**
   * Decodes the record at {@code offset} in a block that begins at {@code position}.
   *
   * @throws MalformedListingException if none begins there any more
   */
  FileListing record(long position, byte[] block, int offset) throws MalformedListingException {
    try {
      return decoder(SCHEMA).read(new RecordBlock(block, offset));
    } catch (MalformedAvroException e) {
      throw damaged(position);
    }
  }

  private static RecordDecoder<FileListing> decoder(Schema fields) {
    return new RecordDecoder<>(
        SCHEMA,
        new SpecificDatumReader<>(fields, fields, SpecificData.getForClass(FileListing.class)),
        MAX_RANGES);
  }

  private MalformedListingException damaged(long position) {
    return malformed(path, Message.of("is damaged or cut off at byte %d", position));
  }

  @Override
  public String toString() {
    return path.toString();
  }

  private static MalformedListingException malformed(Path path, String what) {
    return new MalformedListingException(
        Message.of(
            "The listings %s cannot be used: the file %s. Name the folder that a run of this"
                + " release with %s had as %s.",
            Printable.of(path.toString()), what, Setting.RECORD_LISTINGS, Setting.RESULTS));
  }
}
