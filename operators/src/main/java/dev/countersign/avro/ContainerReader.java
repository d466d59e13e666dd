package dev.countersign.avro;

import dev.countersign.avro.MalformedAvroException.Kind;
import dev.countersign.text.Message;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/**
 * Reads the blocks of an Avro object container file, and the records in them, within bounds. A
 * block is bounded in bytes, compressed and not, and in records, each of which takes a byte at
 * least; it must end with the marker of its file. Memory grows with the bytes that are there, not
 * with the lengths that a file claims. Not thread safe; the caller closes the stream.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#object-container-files">Object
 *     container files</a>
 */
public final class ContainerReader {

  private static final int CRC_BYTES = 4;
  private static final String UNPACKED = "a block, unpacked,";

  private final BoundedInput input;
  private final ContainerHeader header;
  private final int maxBlockBytes;

  private long blockPosition;
  private long left;
  private int offset;
  private byte[] bytes = new byte[0];
  private RecordBlock block = new RecordBlock(bytes);

  /**
   * A reader of blocks.
   *
   * @param in begins with a block, the one at {@code position} in the file
   * @param header of the same file
   * @param maxBlockBytes how many bytes a block may have, compressed or not
   */
  public ContainerReader(InputStream in, ContainerHeader header, long position, int maxBlockBytes) {
    this.input = new BoundedInput(in, position);
    this.header = header;
    this.maxBlockBytes = maxBlockBytes;
    this.blockPosition = position;
  }

  /**
   * Returns the next record, or null at the end of the file.
   *
   * @throws MalformedAvroException if the file is malformed from here on
   * @throws IOException if the stream throws it
   */
  public <T> @Nullable T next(RecordDecoder<T> decoder) throws IOException {
    while (left == 0) {
      if (!block.isAtEnd()) {
        throw RecordBlock.damaged();
      }
      if (!advance()) {
        return null;
      }
    }
    left--;
    offset = block.position();
    return decoder.read(block);
  }

  /**
   * Goes to the next block, whatever is left of this one; returns whether there is one.
   *
   * @throws MalformedAvroException if the file is malformed from here on
   * @throws IOException if the stream throws it
   */
  public boolean advance() throws IOException {
    blockPosition = input.position();
    if (input.isAtEnd()) {
      return false;
    }
    long records = input.number();
    byte[] packed = input.take(bounded(input.number(), "a block"));
    if (!header.isSync(input.take(ContainerHeader.SYNC_BYTES))) {
      throw new MalformedAvroException(Kind.DAMAGED, "a block does not end where it should");
    }
    bytes = unpacked(packed);
    if (records < 0 || records > bytes.length) {
      throw new MalformedAvroException(
          Kind.DAMAGED,
          Message.of("a block of %d bytes claims to hold %d records", bytes.length, records));
    }
    left = records;
    block = new RecordBlock(bytes);
    return true;
  }

  /** Returns where the block of the record that was read last begins in the file. */
  public long blockPosition() {
    return blockPosition;
  }

  /** Returns where the record that was read last begins in its block. */
  public int offset() {
    return offset;
  }

  /** Returns the bytes of the block, not compressed; the caller leaves them unchanged. */
  public byte[] block() {
    return bytes;
  }

  private byte[] unpacked(byte[] packed) throws MalformedAvroException {
    try {
      return switch (header.codec()) {
        case "null" -> packed;
        case "deflate" -> inflated(packed);
        case "snappy" -> unsnapped(packed);
        default -> throw new IOException("unknown codec");
      };
    } catch (MalformedAvroException e) {
      throw e;
    } catch (IOException e) {
      throw new MalformedAvroException(Kind.DAMAGED, "a block cannot be unpacked", e);
    }
  }

  private byte[] inflated(byte[] packed) throws IOException {
    Inflater inflater = new Inflater(true);
    // A byte behind the end, which this form without a header needs.
    InputStream padded = new ByteArrayInputStream(Arrays.copyOf(packed, packed.length + 1));
    try (InputStream inflating = new InflaterInputStream(padded, inflater, 64 << 10)) {
      byte[] unpacked = inflating.readNBytes(maxBlockBytes + 1);
      var unused = bounded(unpacked.length, UNPACKED);
      return unpacked;
    } finally {
      inflater.end();
    }
  }

  private byte[] unsnapped(byte[] packed) throws IOException {
    int end = packed.length - CRC_BYTES;
    if (end < 1) {
      throw new IOException("a block without a checksum");
    }
    byte[] unpacked = new byte[bounded(Snappy.uncompressedLength(packed, 0, end), UNPACKED)];
    int written = Snappy.uncompress(packed, 0, end, unpacked, 0);
    CRC32 crc = new CRC32();
    crc.update(unpacked);
    if (written != unpacked.length || (int) crc.getValue() != ByteBuffer.wrap(packed).getInt(end)) {
      throw new IOException("a block with another checksum");
    }
    return unpacked;
  }

  private int bounded(long length, String what) throws MalformedAvroException {
    if (length < 0 || length > maxBlockBytes) {
      throw new MalformedAvroException(
          Kind.TOO_LARGE,
          Message.of("%s does not have 0 to %d bytes, which is the limit", what, maxBlockBytes));
    }
    return (int) length;
  }
}
