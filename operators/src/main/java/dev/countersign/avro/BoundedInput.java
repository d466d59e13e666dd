package dev.countersign.avro;

import dev.countersign.avro.MalformedAvroException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** A stream that is read as Avro containers are written, with its position. Not thread safe. */
final class BoundedInput {

  /** A number of 64 bits takes ten bytes at most, seven bits in each. */
  private static final int MAX_NUMBER_BYTES = 10;

  /** Lengths up to this are allocated before the bytes are read, which is faster. */
  private static final int SMALL = 1 << 20;

  private final PushbackInputStream in;
  private long position;

  /** An input whose first byte is at {@code position} in the file. */
  BoundedInput(InputStream in, long position) {
    this.in = new PushbackInputStream(in);
    this.position = position;
  }

  /** Returns where the next byte is in the file. */
  long position() {
    return position;
  }

  boolean isAtEnd() throws IOException {
    int next = in.read();
    if (next >= 0) {
      in.unread(next);
    }
    return next < 0;
  }

  long number() throws IOException {
    byte[] number = new byte[MAX_NUMBER_BYTES];
    int length = 0;
    do {
      number[length] = take(1)[0];
    } while (number[length++] < 0 && length < MAX_NUMBER_BYTES);
    return new RecordBlock(number).number();
  }

  /** Reads bytes; allocates little more than there are. */
  byte[] take(int length) throws IOException {
    byte[] taken = length <= SMALL ? new byte[length] : in.readNBytes(length);
    int read = length <= SMALL ? in.readNBytes(taken, 0, length) : taken.length;
    if (read < length) {
      throw new MalformedAvroException(Kind.CUT_OFF, "the file ends in the middle of a block");
    }
    position += length;
    return taken;
  }
}
