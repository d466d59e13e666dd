package dev.countersign.source.units;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Decodes bytes that may be damaged: a text is given as much memory as there are bytes for it, not
 * as much as its length announces. Avro's own decoder takes that memory before it looks.
 */
final class BoundedDecoder extends Decoder {

  private final BinaryDecoder bytes;
  private final int most;

  /**
   * A decoder.
   *
   * @param bytes what to decode
   * @param most how many bytes there are in all
   */
  BoundedDecoder(BinaryDecoder bytes, int most) {
    this.bytes = bytes;
    this.most = most;
  }

  private byte[] content() throws IOException {
    long length = bytes.readLong();
    if (length < 0 || length > most) {
      throw new IOException(
          String.format(Locale.ROOT, "a length of %d where %d bytes are all", length, most));
    }
    byte[] content = new byte[(int) length];
    bytes.readFixed(content, 0, content.length);
    return content;
  }

  @Override
  public Utf8 readString(@Nullable Utf8 old) throws IOException {
    return new Utf8(content());
  }

  @Override
  public String readString() throws IOException {
    return new String(content(), StandardCharsets.UTF_8);
  }

  @Override
  public void skipString() throws IOException {
    bytes.skipString();
  }

  @Override
  public ByteBuffer readBytes(@Nullable ByteBuffer old) throws IOException {
    return ByteBuffer.wrap(content());
  }

  @Override
  public void skipBytes() throws IOException {
    bytes.skipBytes();
  }

  @Override
  public void readNull() throws IOException {
    bytes.readNull();
  }

  @Override
  public boolean readBoolean() throws IOException {
    return bytes.readBoolean();
  }

  @Override
  public int readInt() throws IOException {
    return bytes.readInt();
  }

  @Override
  public long readLong() throws IOException {
    return bytes.readLong();
  }

  @Override
  public float readFloat() throws IOException {
    return bytes.readFloat();
  }

  @Override
  public double readDouble() throws IOException {
    return bytes.readDouble();
  }

  @Override
  public void readFixed(byte[] target, int start, int length) throws IOException {
    bytes.readFixed(target, start, length);
  }

  @Override
  public void skipFixed(int length) throws IOException {
    bytes.skipFixed(length);
  }

  @Override
  public int readEnum() throws IOException {
    return bytes.readEnum();
  }

  @Override
  public long readArrayStart() throws IOException {
    return bytes.readArrayStart();
  }

  @Override
  public long arrayNext() throws IOException {
    return bytes.arrayNext();
  }

  @Override
  public long skipArray() throws IOException {
    return bytes.skipArray();
  }

  @Override
  public long readMapStart() throws IOException {
    return bytes.readMapStart();
  }

  @Override
  public long mapNext() throws IOException {
    return bytes.mapNext();
  }

  @Override
  public long skipMap() throws IOException {
    return bytes.skipMap();
  }

  @Override
  public int readIndex() throws IOException {
    return bytes.readIndex();
  }
}
