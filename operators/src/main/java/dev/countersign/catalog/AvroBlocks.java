package dev.countersign.catalog;

import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.xerial.snappy.Snappy;

/**
 * The blocks of an Avro object container file, unpacked. Not thread safe.
 *
 * <p>Avro's own reader makes room for as many bytes as a block claims to have, packed or not, which
 * is 2 GiB for a few bytes of a hostile file. So blocks are bounded here, and Avro gets what is in
 * them.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#object-container-files">Object
 *     container files</a>
 */
final class AvroBlocks {

  /** The file is no Avro file, or is broken from here on; says how and what would help. */
  static final class BrokenException extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenException(String message) {
      super(message, null, false, false);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  private static final byte[] MAGIC = {'O', 'b', 'j', 1};
  private static final int MAX_META = 1_000;
  private static final int SYNC_BYTES = 16;
  private static final int CRC_BYTES = 4;

  private final CatalogInput input;
  private final Map<String, byte[]> meta = new HashMap<>();
  private final byte[] sync = new byte[SYNC_BYTES];
  private final String codec;
  private long records;
  private BlockDecoder decoder = new BlockDecoder(new byte[0]);

  /** Reads the header. */
  AvroBlocks(CatalogInput input) throws StorageException, BrokenException {
    this.input = input;
    byte[] magic = new byte[MAGIC.length];
    if (!input.take(magic) || !Arrays.equals(magic, MAGIC)) {
      throw new BrokenException(
          "it is no Avro object container file. Write one, or give the file its right extension.");
    }
    readMeta();
    take(sync);
    codec = text("avro.codec").orElse("null");
    if (!codec.equals("null") && !codec.equals("deflate") && !codec.equals("snappy")) {
      throw new BrokenException(
          String.format(
              Locale.ROOT,
              "its codec is %s. Write it with null, deflate or snappy.",
              Printable.of(codec)));
    }
  }

  /** Returns the schema as it stands in the header. */
  String schema() throws BrokenException {
    return text("avro.schema").orElseThrow(() -> new BrokenException("its header has no schema."));
  }

  /** Goes to the next block; returns whether there is one. */
  boolean advance() throws StorageException, BrokenException {
    if (input.peek() < 0) {
      return false;
    }
    records = readLong();
    byte[] packed = new byte[length(readLong(), CatalogLimits.MAX_BLOCK_BYTES, "a block")];
    take(packed);
    byte[] marker = new byte[SYNC_BYTES];
    take(marker);
    if (!Arrays.equals(marker, sync)) {
      throw new BrokenException(
          "a block does not end where it should, so the catalog ends here. Write the file again.");
    }
    byte[] bytes = unpacked(packed);
    // Each record takes a byte at least, for its model.
    if (records < 0 || records > bytes.length) {
      throw new BrokenException(
          String.format(
              Locale.ROOT,
              "a block of %d bytes claims to hold %d records, so the catalog ends here. Write the"
                  + " file again.",
              bytes.length,
              records));
    }
    decoder = new BlockDecoder(bytes);
    return true;
  }

  /** Returns how many records the block has. */
  long records() {
    return records;
  }

  /** Returns what the block's records are read from; empty before the first block. */
  BlockDecoder decoder() {
    return decoder;
  }

  private void readMeta() throws StorageException, BrokenException {
    long total = 0;
    for (long count = readLong(); count != 0; count = readLong()) {
      if (count < 0) {
        count = -count;
        var unused = readLong();
      }
      total += count;
      if (count < 0 || total > MAX_META) {
        throw new BrokenException(
            String.format(
                Locale.ROOT, "its header has more than %d entries, which is the limit.", MAX_META));
      }
      for (long i = 0; i < count; i++) {
        byte[] key = new byte[length(readLong(), MAX_META, "a name in its header")];
        take(key);
        byte[] value =
            new byte[length(readLong(), CatalogLimits.MAX_SCHEMA_BYTES, "an entry of its header")];
        take(value);
        String name = new String(key, StandardCharsets.UTF_8);
        if (name.equals("avro.schema") || name.equals("avro.codec")) {
          meta.put(name, value);
        }
      }
    }
  }

  private Optional<String> text(String key) {
    return Optional.ofNullable(meta.get(key))
        .map(value -> new String(value, StandardCharsets.UTF_8));
  }

  private byte[] unpacked(byte[] packed) throws BrokenException {
    return switch (codec) {
      case "deflate" -> inflated(packed);
      case "snappy" -> unsnapped(packed);
      default -> packed;
    };
  }

  private static byte[] inflated(byte[] packed) throws BrokenException {
    Inflater inflater = new Inflater(true);
    try {
      // A byte behind the end, which this form without a header needs.
      inflater.setInput(Arrays.copyOf(packed, packed.length + 1));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(4 * packed.length + 16);
      byte[] some = new byte[64 << 10];
      while (!inflater.finished()) {
        int count = inflater.inflate(some);
        if (count == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw damaged();
        }
        if (bytes.size() + count > CatalogLimits.MAX_BLOCK_BYTES) {
          throw tooLarge("a block, unpacked,", CatalogLimits.MAX_BLOCK_BYTES);
        }
        bytes.write(some, 0, count);
      }
      return bytes.toByteArray();
    } catch (DataFormatException e) {
      throw damaged();
    } finally {
      inflater.end();
    }
  }

  private static byte[] unsnapped(byte[] packed) throws BrokenException {
    int end = packed.length - CRC_BYTES;
    if (end < 1) {
      throw damaged();
    }
    try {
      if (Snappy.uncompressedLength(packed, 0, end) > CatalogLimits.MAX_BLOCK_BYTES) {
        throw tooLarge("a block, unpacked,", CatalogLimits.MAX_BLOCK_BYTES);
      }
      byte[] bytes = new byte[Snappy.uncompressedLength(packed, 0, end)];
      if (Snappy.uncompress(packed, 0, end, bytes, 0) != bytes.length) {
        throw damaged();
      }
      CRC32 crc = new CRC32();
      crc.update(bytes);
      int expected = 0;
      for (int i = end; i < packed.length; i++) {
        expected = (expected << Byte.SIZE) | (packed[i] & 0xFF);
      }
      if ((int) crc.getValue() != expected) {
        throw damaged();
      }
      return bytes;
    } catch (IOException e) {
      throw damaged();
    }
  }

  private void take(byte[] target) throws StorageException, BrokenException {
    if (!input.take(target)) {
      throw cutOff();
    }
  }

  private long readLong() throws StorageException, BrokenException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int b = input.next();
      if (b < 0) {
        throw cutOff();
      }
      value |= (b & 0x7FL) << shift;
      if (b < 0x80) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new BrokenException(
        "a number in it is longer than numbers are, so the catalog ends here. Write the file"
            + " again.");
  }

  private static int length(long length, int limit, String what) throws BrokenException {
    if (length < 0 || length > limit) {
      throw tooLarge(what, limit);
    }
    return (int) length;
  }

  private static BrokenException tooLarge(String what, int limit) {
    return new BrokenException(
        String.format(
            Locale.ROOT,
            "%s does not have 0 to %d bytes, which is the limit, so the catalog ends here. Write"
                + " smaller blocks.",
            what,
            limit));
  }

  private static BrokenException cutOff() {
    return new BrokenException(
        "the file ends in the middle of a block, so the catalog ends here. Write or copy it"
            + " again.");
  }

  private static BrokenException damaged() {
    return new BrokenException(
        "a block cannot be unpacked, so the catalog ends here. Write or copy the file again.");
  }
}
