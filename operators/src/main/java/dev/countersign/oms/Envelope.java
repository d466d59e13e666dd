package dev.countersign.oms;

import dev.countersign.text.Message;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A DSSE envelope with its only signature (DSSE 1.0.2).
 *
 * <p>Byte arrays are neither copied nor modified here, since a payload may have hundreds of
 * megabytes; whoever hands one over leaves it alone.
 *
 * @param payloadType what the payload is, {@link #PAYLOAD_TYPE} in OMS
 * @param payload the signed bytes
 * @param signature the signature over {@link #pae()}
 * @param keyid an identifier of the key that means nothing in OMS; empty if absent
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode go by content
public record Envelope(String payloadType, byte[] payload, byte[] signature, String keyid) {

  /** The payload type of in-toto statements, the only one in OMS. */
  public static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";

  private static final String PAE_VERSION = "DSSEv1";

  /**
   * Returns the pre-authentication encoding, the bytes that are signed (DSSE protocol 1.0.2).
   *
   * @throws IllegalArgumentException if that is longer than an array can be
   */
  public static byte[] pae(String payloadType, byte[] payload) {
    byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
    byte[] head =
        (PAE_VERSION + ' ' + type.length + ' ' + payloadType + ' ' + payload.length + ' ')
            .getBytes(StandardCharsets.UTF_8);
    if (payload.length > Integer.MAX_VALUE - Long.BYTES - head.length) {
      throw new IllegalArgumentException("a payload of " + payload.length + " bytes is too long");
    }
    byte[] encoding = Arrays.copyOf(head, head.length + payload.length);
    System.arraycopy(payload, 0, encoding, head.length, payload.length);
    return encoding;
  }

  /** Returns the bytes that {@link #signature()} signs, in a new array. */
  public byte[] pae() {
    return pae(payloadType, payload);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Envelope that
        && payloadType.equals(that.payloadType)
        && Arrays.equals(payload, that.payload)
        && Arrays.equals(signature, that.signature)
        && keyid.equals(that.keyid);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(signature) + Arrays.hashCode(payload);
  }

  /** Returns the payload type and the lengths; the payload itself may be huge. */
  @Override
  public String toString() {
    return Message.of(
        "Envelope[%s, payload of %d bytes, signature of %d bytes]",
        payloadType, payload.length, signature.length);
  }
}
