package dev.countersign.listings;

import dev.countersign.remedy.Setting;
import dev.countersign.schemas.FileListing;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * One file of listings: an Avro container file, without compression, of {@link FileListing}. Read
 * here and not by Avro, which takes as much memory as a length announces before it looks whether
 * there is anything. A file of another schema is refused by its text: all fields have defaults, so
 * Avro would read anything at all as listings.
 *
 * <p>Immutable; each reading opens the file anew.
 */
final class ListingFile {

  /** No unit's record is nearly as large: it holds 4,096 ranges or 1 MiB of texts. */
  private static final int MAX_BLOCK_BYTES = 64 << 20;

  /** The schema and little else. */
  private static final int MAX_HEADER_BYTES = 1 << 20;

  private static final byte[] MAGIC = {'O', 'b', 'j', 1};
  private static final int SYNC_BYTES = 16;

  /** A number of 64 bits takes ten bytes at most, seven bits in each. */
  private static final int MAX_NUMBER_BYTES = 10;

  private final Path path;
  private final long length;
  private final long firstBlock;
  private final byte[] sync;

  private ListingFile(Path path, long length, long firstBlock, byte[] sync) {
    this.path = path;
    this.length = length;
    this.firstBlock = firstBlock;
    this.sync = sync;
  }

  /** Gets the blocks of a file, one after the other. */
  interface BlockReader {

    /**
     * Reads one block.
     *
     * @param position where the block begins in the file, for {@link #block}
     * @param records how many records it holds
     * @throws IOException to end reading
     */
    void read(long position, long records, byte[] block) throws IOException;
  }

  /**
   * Opens a file and checks its beginning.
   *
   * @throws MalformedListingException if it is no file of listings
   * @throws IOException if it cannot be read
   */
  static ListingFile open(Path path) throws IOException {
    FileSystem files = path.getFileSystem();
    FileStatus status = files.getFileStatus(path);
    byte[] start = new byte[(int) Math.min(status.getLen(), MAX_HEADER_BYTES)];
    try (FSDataInputStream input = files.open(path)) {
      demand(input.readNBytes(start, 0, start.length) == start.length, path, "is cut off");
    }
    ByteBuffer header = ByteBuffer.wrap(start);
    try {
      byte[] magic = new byte[MAGIC.length];
      header.get(magic);
      demand(Arrays.equals(magic, MAGIC), path, "is no Avro container file");
      Map<String, String> meta = meta(header, path);
      demand(
          FileListing.getClassSchema().toString().equals(meta.get("avro.schema")),
          path,
          "holds other records, or listings of another release");
      demand(meta.getOrDefault("avro.codec", "null").equals("null"), path, "is compressed");
      byte[] sync = new byte[SYNC_BYTES];
      header.get(sync);
      return new ListingFile(path, status.getLen(), header.position(), sync);
    } catch (BufferUnderflowException | ListingDecoder.DamagedException e) {
      throw malformed(path, "is no Avro container file");
    }
  }

  private static Map<String, String> meta(ByteBuffer header, Path path)
      throws ListingDecoder.DamagedException, MalformedListingException {
    ListingDecoder decoder = new ListingDecoder(header);
    Map<String, String> meta = new HashMap<>();
    for (long count = decoder.blockCount(); count != 0; count = decoder.blockCount()) {
      for (long i = 0; i < count; i++) {
        meta.put(decoder.text(), new String(decoder.bytes(), StandardCharsets.UTF_8));
        demand(meta.size() <= 100, path, "is no file of listings");
      }
    }
    return meta;
  }

  /**
   * Reads all blocks.
   *
   * @throws MalformedListingException if the file breaks a rule of its format
   * @throws IOException if it cannot be read, or {@code reader} throws it
   */
  void forEachBlock(BlockReader reader) throws IOException {
    try (FSDataInputStream input = path.getFileSystem().open(path)) {
      input.seek(firstBlock);
      long position = firstBlock;
      while (position < length) {
        position = readBlock(input, position, reader);
      }
    }
  }

  /**
   * Reads the block that begins at {@code position}, as {@link #forEachBlock} told it.
   *
   * @throws MalformedListingException if none begins there any more
   * @throws IOException if it cannot be read
   */
  byte[] block(long position) throws IOException {
    try (FSDataInputStream input = path.getFileSystem().open(path)) {
      input.seek(position);
      byte[][] found = new byte[1][];
      var unused = readBlock(input, position, (start, records, block) -> found[0] = block);
      return found[0];
    }
  }

  /** Returns where the next block begins. */
  private long readBlock(FSDataInputStream input, long position, BlockReader reader)
      throws IOException {
    long[] read = {position};
    long records = number(input, read);
    long size = number(input, read);
    demand(
        records > 0 && size >= records && size <= MAX_BLOCK_BYTES && size <= length - read[0],
        path,
        damagedAt(position));
    byte[] block = new byte[(int) size];
    byte[] end = new byte[SYNC_BYTES];
    demand(
        input.readNBytes(block, 0, block.length) == block.length
            && input.readNBytes(end, 0, SYNC_BYTES) == SYNC_BYTES
            && Arrays.equals(end, sync),
        path,
        damagedAt(position));
    try {
      reader.read(position, records, block);
    } catch (ListingDecoder.DamagedException e) {
      throw malformed(path, damagedAt(position));
    }
    return read[0] + size + SYNC_BYTES;
  }

  private long number(InputStream input, long[] read) throws IOException {
    long raw = 0;
    for (int i = 0; i < MAX_NUMBER_BYTES; i++) {
      int next = input.read();
      demand(next >= 0, path, damagedAt(read[0]));
      read[0]++;
      raw |= (next & 0x7fL) << (7 * i);
      if (next < 0x80) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw malformed(path, damagedAt(read[0]));
  }

  MalformedListingException damaged(long position) {
    return malformed(path, damagedAt(position));
  }

  @Override
  public String toString() {
    return path.toString();
  }

  private static String damagedAt(long position) {
    return String.format(Locale.ROOT, "is damaged or cut off at byte %d", position);
  }

  private static void demand(boolean holds, Path path, String what)
      throws MalformedListingException {
    if (!holds) {
      throw malformed(path, what);
    }
  }

  private static MalformedListingException malformed(Path path, String what) {
    return new MalformedListingException(
        String.format(
            Locale.ROOT,
            "The listings %s cannot be used: the file %s. Name the folder that a run of this"
                + " release with %s had as %s.",
            Printable.of(path.toString()),
            what,
            Setting.RECORD_LISTINGS,
            Setting.RESULTS));
  }
}
