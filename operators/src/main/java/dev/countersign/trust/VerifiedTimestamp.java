package dev.countersign.trust;

import java.security.cert.X509Certificate;
import java.time.Instant;

/**
 * Statement of a trusted timestamp authority that a signature existed.
 *
 * @param time when it existed already, by the authority's clock
 * @param chain the chain of the authority, whose certificate signed the timestamp, to the
 *     certificate that the caller trusts
 */
public record VerifiedTimestamp(Instant time, ValidatedChain chain) {

  /** Returns the certificate that signed the timestamp. */
  public X509Certificate authority() {
    return chain.path().get(0);
  }

  /** Returns the certificate that the caller trusts, and with it the authority. */
  public X509Certificate anchor() {
    return chain.anchor();
  }
}
