package dev.countersign.oms;

import java.util.Arrays;

/**
 * A statement of a timestamp authority that a signature existed at some time, as a bundle carries
 * it ({@code rfc3161Timestamps}). Nothing in it is to be trusted.
 *
 * @param der the authority's answer in DER, a {@code TimeStampResp} (RFC 3161, section 2.4.2);
 *     neither copied nor modified here, whoever hands it over leaves it alone
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode go by content
public record SignedTimestamp(byte[] der) {
  @Override
  public boolean equals(Object other) {
    return other instanceof SignedTimestamp that && Arrays.equals(der, that.der);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(der);
  }
}
