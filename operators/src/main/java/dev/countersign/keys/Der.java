package dev.countersign.keys;

import java.io.IOException;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;

/** Parses the ASN.1 of a key or certificate, within the bounds that one needs. */
final class Der {

  /** The largest RSA keys in use take a sixth of it, EC keys a hundredth. */
  static final int MAX_BYTES = 1 << 16;

  private Der() {}

  /**
   * Returns the one SEQUENCE that the bytes hold.
   *
   * @throws IllegalArgumentException if they hold anything else, less or more
   */
  static ASN1Sequence sequence(byte[] der) {
    return ASN1Sequence.getInstance(any(der));
  }

  /**
   * Returns the one value that the bytes hold.
   *
   * @throws IllegalArgumentException if they hold less or more than one
   */
  static ASN1Primitive any(byte[] der) {
    return any(der, MAX_BYTES);
  }

  /**
   * Returns the one value that the bytes hold, which may be more than a key is.
   *
   * @throws IllegalArgumentException if they hold less or more than one, or are too many
   */
  static ASN1Primitive any(byte[] der, int maxBytes) {
    if (der.length > maxBytes) {
      throw new IllegalArgumentException("More than " + maxBytes + " bytes");
    }
    try (ASN1InputStream in = new ASN1InputStream(der)) {
      ASN1Primitive value = in.readObject();
      if (value == null || in.read() >= 0) {
        throw new IllegalArgumentException("Not exactly one value");
      }
      return value;
    } catch (IOException e) {
      throw new IllegalArgumentException("Not DER", e);
    }
  }
}
