package dev.countersign.catalog;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;

/**
 * Avro's binary encoding in an array, bounded by it: no text makes more room than there are bytes,
 * and nothing is counted longer than there are. Not thread safe.
 */
final class BlockDecoder extends Decoder {

  private final byte[] bytes;
  private int next;

  BlockDecoder(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean isAtEnd() {
    return next == bytes.length;
  }

  @Override
  public void readNull() {}

  @Override
  public boolean readBoolean() throws IOException {
    return one() == 1;
  }

  @Override
  public int readInt() throws IOException {
    long value = readLong();
    if (value != (int) value) {
      throw new IOException("a number is too large");
    }
    return (int) value;
  }

  @Override
  public long readLong() throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int b = one();
      value |= (b & 0x7FL) << shift;
      if (b < 0x80) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new IOException("a number is too long");
  }

  @Override
  public float readFloat() throws IOException {
    return Float.intBitsToFloat((int) littleEndian(Float.BYTES));
  }

  @Override
  public double readDouble() throws IOException {
    return Double.longBitsToDouble(littleEndian(Double.BYTES));
  }

  @Override
  public Utf8 readString(Utf8 old) throws IOException {
    byte[] text = new byte[length()];
    readFixed(text, 0, text.length);
    return new Utf8(text);
  }

  @Override
  public String readString() throws IOException {
    return readString(new Utf8()).toString();
  }

  @Override
  public void skipString() throws IOException {
    skipFixed(length());
  }

  @Override
  public ByteBuffer readBytes(ByteBuffer old) throws IOException {
    byte[] content = new byte[length()];
    readFixed(content, 0, content.length);
    return ByteBuffer.wrap(content);
  }

  @Override
  public void skipBytes() throws IOException {
    skipFixed(length());
  }

  @Override
  public void readFixed(byte[] target, int start, int length) throws IOException {
    demand(length);
    System.arraycopy(bytes, next, target, start, length);
    next += length;
  }

  @Override
  public void skipFixed(int length) throws IOException {
    demand(length);
    next += length;
  }

  @Override
  public int readEnum() throws IOException {
    return readInt();
  }

  @Override
  public int readIndex() throws IOException {
    return readInt();
  }

  @Override
  public long readArrayStart() throws IOException {
    return items();
  }

  @Override
  public long arrayNext() throws IOException {
    return items();
  }

  @Override
  public long skipArray() throws IOException {
    return itemsAfterSkipping();
  }

  @Override
  public long readMapStart() throws IOException {
    return items();
  }

  @Override
  public long mapNext() throws IOException {
    return items();
  }

  @Override
  public long skipMap() throws IOException {
    return itemsAfterSkipping();
  }

  private long items() throws IOException {
    long count = readLong();
    if (count < 0) {
      count = -count;
      var unused = readLong();
    }
    return checked(count);
  }

  /** Skips blocks that say how long they are; returns how many items the next one has. */
  private long itemsAfterSkipping() throws IOException {
    long count = readLong();
    while (count < 0) {
      skipFixed(length());
      count = readLong();
    }
    return checked(count);
  }

  /** Items may take no byte each, such as nulls; so many of them are nobody's catalog. */
  private long checked(long count) throws IOException {
    if (count < 0 || count > bytes.length - next) {
      throw new IOException("an array is longer than its block");
    }
    return count;
  }

  private int length() throws IOException {
    long length = readLong();
    if (length < 0 || length > bytes.length - next) {
      throw new EOFException("a text is longer than its block");
    }
    return (int) length;
  }

  private long littleEndian(int count) throws IOException {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (long) one() << (Byte.SIZE * i);
    }
    return value;
  }

  private int one() throws IOException {
    demand(1);
    return bytes[next++] & 0xFF;
  }

  private void demand(int count) throws IOException {
    if (count < 0 || count > bytes.length - next) {
      throw new EOFException("the block ends too early");
    }
  }
}
