package dev.countersign.listings;

import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes listings from Avro's binary encoding (Avro 1.12 specification, "Binary Encoding"): the
 * fields in the order of the schema, nothing between them. What is read is never more than what is
 * there. Not thread safe.
 */
final class ListingDecoder {

  /** A number of 64 bits takes ten bytes at most, seven bits in each. */
  private static final int MAX_NUMBER_BYTES = 10;

  /** In the order of the schema, which their numbers go by. */
  private static final List<String> OPERATIONS = Operation.getClassSchema().getEnumSymbols();

  private final ByteBuffer bytes;

  /** Decodes from the position of {@code bytes} on, and moves it. */
  ListingDecoder(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** The bytes are no such record. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException() {
      super("the bytes are damaged");
    }
  }

  int position() {
    return bytes.position();
  }

  boolean isAtEnd() {
    return !bytes.hasRemaining();
  }

  /** All of a listing but its ranges, which come next: {@link #skipRanges} or {@link #ranges}. */
  FileListing head() throws DamagedException {
    FileListing listing = new FileListing();
    listing.setRunId(text());
    listing.setEntryId(number());
    listing.setAttempt(integer());
    listing.setUnit(integer());
    int operation = integer();
    demand(operation >= 0 && operation < OPERATIONS.size());
    listing.setOperation(Operation.valueOf(OPERATIONS.get(operation)));
    listing.setModel(text());
    listing.setHashType(text());
    listing.setMethod(text());
    listing.setShardSize(number());
    listing.setAllowSymlinks(truth());
    listing.setIgnoreSet(text());
    listing.setPlanned(number());
    return listing;
  }

  void skipRanges() throws DamagedException {
    for (long count = blockCount(); count != 0; count = blockCount()) {
      for (long i = 0; i < count; i++) {
        skip();
        var unusedStart = number();
        var unusedEnd = number();
        var unusedLength = number();
        skip();
        var unusedModified = number();
        var unusedListed = number();
        skip();
      }
    }
  }

  List<ListedRange> ranges() throws DamagedException {
    List<ListedRange> ranges = new ArrayList<>();
    for (long count = blockCount(); count != 0; count = blockCount()) {
      for (long i = 0; i < count; i++) {
        ranges.add(range());
      }
    }
    return ranges;
  }

  private ListedRange range() throws DamagedException {
    ListedRange range = new ListedRange();
    range.setName(text());
    range.setStart(number());
    range.setEnd(number());
    range.setLength(number());
    range.setVersion(text());
    range.setModified(number());
    range.setListed(number());
    range.setDigest(ByteBuffer.wrap(bytes()));
    return range;
  }

  /** How many elements of an array or a map come next; 0 at its end. */
  long blockCount() throws DamagedException {
    long count = number();
    if (count >= 0) {
      return count;
    }
    var unusedSize = number();
    demand(count != Long.MIN_VALUE);
    return -count;
  }

  String text() throws DamagedException {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  byte[] bytes() throws DamagedException {
    byte[] content = new byte[length()];
    bytes.get(content);
    return content;
  }

  private void skip() throws DamagedException {
    int length = length();
    bytes.position(bytes.position() + length);
  }

  private int length() throws DamagedException {
    long length = number();
    demand(length >= 0 && length <= bytes.remaining());
    return (int) length;
  }

  private boolean truth() throws DamagedException {
    demand(bytes.hasRemaining());
    return bytes.get() != 0;
  }

  private int integer() throws DamagedException {
    long number = number();
    demand(number == (int) number);
    return (int) number;
  }

  private long number() throws DamagedException {
    long raw = 0;
    for (int i = 0; i < MAX_NUMBER_BYTES; i++) {
      demand(bytes.hasRemaining());
      byte next = bytes.get();
      raw |= (next & 0x7fL) << (7 * i);
      if (next >= 0) {
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    throw new DamagedException();
  }

  private static void demand(boolean holds) throws DamagedException {
    if (!holds) {
      throw new DamagedException();
    }
  }
}
