package dev.countersign.verification;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/**
 * An ECDSA signature, read from strict DER (RFC 3279, section 2.2.3; X.690, section 10).
 *
 * <p>Libraries differ in which departures from DER they let pass, and each of them gives one
 * signature a second spelling. So the bytes are read here, with one spelling for each pair of
 * numbers, before any library sees the numbers.
 *
 * @param r positive
 * @param s positive
 */
record DerSignature(BigInteger r, BigInteger s) {

  private static final int SEQUENCE = 0x30;
  private static final int INTEGER = 0x02;

  /** Above it a length takes more than one byte. */
  private static final int MAX_SHORT_LENGTH = 0x7f;

  /** Announces a length in one byte of its own. */
  private static final int ONE_LENGTH_BYTE = 0x81;

  /** More than P-521 takes, which is 139; so no length takes more than two bytes. */
  private static final int MAX_BYTES = 255;

  /** Returns the signature; empty if the bytes are not the DER of two positive numbers. */
  static Optional<DerSignature> parse(byte[] der) {
    if (der.length > MAX_BYTES) {
      return Optional.empty();
    }
    Reader outer = new Reader(der, 0, der.length);
    Optional<Reader> sequence = outer.enter(SEQUENCE);
    if (sequence.isEmpty() || !outer.atEnd()) {
      return Optional.empty();
    }
    Optional<BigInteger> r = sequence.get().positive();
    Optional<BigInteger> s = sequence.get().positive();
    return r.isPresent() && s.isPresent() && sequence.get().atEnd()
        ? Optional.of(new DerSignature(r.get(), s.get()))
        : Optional.empty();
  }

  /** Reads values one after the other; once it met an error it must not be used any more. */
  private static final class Reader {

    private final byte[] der;
    private final int end;
    private int position;

    Reader(byte[] der, int position, int end) {
      this.der = der;
      this.position = position;
      this.end = end;
    }

    boolean atEnd() {
      return position == end;
    }

    /** Steps over a value with that tag, and returns a reader of its content. */
    Optional<Reader> enter(int tag) {
      if (next() != tag) {
        return Optional.empty();
      }
      int length = next();
      if (length == ONE_LENGTH_BYTE) {
        length = next();
        if (length <= MAX_SHORT_LENGTH) {
          return Optional.empty();
        }
      } else if (length > MAX_SHORT_LENGTH) {
        return Optional.empty();
      }
      if (length < 0 || length > end - position) {
        return Optional.empty();
      }
      Reader content = new Reader(der, position, position + length);
      position += length;
      return Optional.of(content);
    }

    /** Reads an INTEGER above zero, in as few bytes as it takes. */
    Optional<BigInteger> positive() {
      return enter(INTEGER).flatMap(Reader::wholeAsPositive);
    }

    private Optional<BigInteger> wholeAsPositive() {
      boolean empty = position == end;
      if (empty || der[position] < 0) {
        return Optional.empty();
      }
      boolean zeroInFront = der[position] == 0;
      if (zeroInFront && (end - position == 1 || der[position + 1] >= 0)) {
        return Optional.empty();
      }
      return Optional.of(new BigInteger(Arrays.copyOfRange(der, position, end)));
    }

    /** Returns the next byte as 0 to 255; -1 at the end. */
    private int next() {
      return position < end ? der[position++] & 0xff : -1;
    }
  }
}
