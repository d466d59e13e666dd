package dev.countersign.avro;

import dev.countersign.avro.MalformedAvroException.Kind;
import dev.countersign.text.Message;
import java.util.List;
import org.apache.avro.Schema;

/**
 * Bytes that hold records in Avro's binary encoding, one after the other, and the position of the
 * next one. {@link #check} walks through a record by its schema and allocates nothing. Whatever
 * passes can be decoded by Avro without further bounds:
 *
 * <ul>
 *   <li>each string and byte array is as long as it says,
 *   <li>each branch of a union and each symbol of an enum exists,
 *   <li>all arrays and maps of a block together have at most as many items as the block has bytes,
 *       even if items take no bytes, and those of one record have at most as many as the caller
 *       allows,
 *   <li>values that take no bytes, such as nulls and records without fields, are at most {@value
 *       #EMPTY_PER_BYTE} for each byte of the block and {@value #EMPTY_AT_LEAST} in addition, so
 *       the time is bounded by the size of the block,
 *   <li>an array block that states its length in bytes, by which Avro skips it, has that length,
 *   <li>values are nested at most {@value #MAX_DEPTH} deep, however the schema recurs.
 * </ul>
 *
 * <p>Not thread safe.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#binary-encoding">Binary
 *     encoding</a>
 */
public final class RecordBlock {

  /** A record, a union, an array and a map are one level each. */
  private static final int MAX_DEPTH = 100;

  /** More than columns of type null need, as a record takes bytes for its other columns. */
  private static final long EMPTY_PER_BYTE = 16;

  private static final long EMPTY_AT_LEAST = 10_000;

  private final byte[] bytes;
  private int next;
  private long items;
  private long empty;
  private int itemsLeft;

  /** A block whose next record is the first; the caller leaves {@code bytes} unchanged. */
  public RecordBlock(byte[] bytes) {
    this(bytes, 0);
  }

  /** A block whose next record begins at {@code position}, as {@link #position} returned it. */
  public RecordBlock(byte[] bytes, int position) {
    this.bytes = bytes;
    this.next = position;
  }

  /** Returns where the next record begins. */
  public int position() {
    return next;
  }

  /** Returns whether all bytes are read. */
  public boolean isAtEnd() {
    return next == bytes.length;
  }

  byte[] bytes() {
    return bytes;
  }

  /**
   * Checks the next record and moves behind it.
   *
   * @param maxItems how many items its arrays and maps may have in all
   * @throws MalformedAvroException if the bytes are not such a record
   */
  void check(Schema schema, int maxItems) throws MalformedAvroException {
    itemsLeft = maxItems;
    check(schema, maxItems, 0);
  }

  private void check(Schema schema, int maxItems, int depth) throws MalformedAvroException {
    if (depth > MAX_DEPTH) {
      throw new MalformedAvroException(
          Kind.TOO_LARGE,
          Message.of("a record is nested more than %d levels deep, which is the limit", MAX_DEPTH));
    }
    int before = next;
    switch (schema.getType()) {
      case NULL -> {}
      case BOOLEAN -> skip(1);
      case INT -> {
        long value = number();
        if (value != (int) value) {
          throw damaged();
        }
      }
      case LONG -> {
        var unused = number();
      }
      case FLOAT -> skip(Float.BYTES);
      case DOUBLE -> skip(Double.BYTES);
      case STRING, BYTES -> skip(number());
      case FIXED -> skip(schema.getFixedSize());
      case ENUM -> {
        var unused = index(schema.getEnumSymbols().size());
      }
      case UNION -> {
        List<Schema> branches = schema.getTypes();
        check(branches.get(index(branches.size())), maxItems, depth + 1);
      }
      case RECORD -> {
        List<Schema.Field> fields = schema.getFields();
        for (int i = 0; i < fields.size(); i++) {
          check(fields.get(i).schema(), maxItems, depth + 1);
        }
      }
      case ARRAY -> checkItems(schema.getElementType(), false, maxItems, depth + 1);
      case MAP -> checkItems(schema.getValueType(), true, maxItems, depth + 1);
    }
    if (next == before) {
      countEmpty();
    }
  }

  private void checkItems(Schema item, boolean named, int maxItems, int depth)
      throws MalformedAvroException {
    for (long count = number(); count != 0; count = number()) {
      long end = -1;
      if (count < 0) {
        count = -count;
        long length = number();
        end = next + length;
        if (length < 0 || length > bytes.length - next) {
          throw damaged();
        }
      }
      take(count, maxItems);
      for (long i = 0; i < count; i++) {
        if (named) {
          skip(number());
        }
        check(item, maxItems, depth);
      }
      if (end >= 0 && end != next) {
        throw damaged();
      }
    }
  }

  /** Counts items before they are read. */
  private void take(long count, int maxItems) throws MalformedAvroException {
    if (count < 0 || count > bytes.length - items) {
      throw damaged();
    }
    items += count;
    if (count > itemsLeft) {
      throw new MalformedAvroException(
          Kind.TOO_LARGE,
          Message.of("a record has more than %d items in lists, which is the limit", maxItems));
    }
    itemsLeft -= (int) count;
  }

  private void countEmpty() throws MalformedAvroException {
    long limit = EMPTY_PER_BYTE * bytes.length + EMPTY_AT_LEAST;
    if (++empty > limit) {
      throw new MalformedAvroException(
          Kind.TOO_LARGE,
          Message.of(
              "a block has more than %d values that take no bytes, which is the limit", limit));
    }
  }

  private int index(int count) throws MalformedAvroException {
    long index = number();
    if (index < 0 || index >= count) {
      throw damaged();
    }
    return (int) index;
  }

  private void skip(long length) throws MalformedAvroException {
    if (length < 0 || length > bytes.length - next) {
      throw damaged();
    }
    next += (int) length;
  }

  /** Reads a number of up to 64 bits, seven bits a byte, the lowest first. */
  long number() throws MalformedAvroException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE && next < bytes.length; shift += 7) {
      byte b = bytes[next++];
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw damaged();
  }

  static MalformedAvroException damaged() {
    return new MalformedAvroException(Kind.DAMAGED, "a block is not what the schema says");
  }
}
