package dev.countersign.trust;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A chain that leads from a certificate to a trust anchor and keeps all rules.
 *
 * @param path the chain, leaf first, without the anchor; the leaf alone if that is an anchor itself
 * @param anchor the certificate that the caller trusts, and with it the chain
 */
public record ValidatedChain(List<X509Certificate> path, X509Certificate anchor) {

  /** Copies the list. */
  public ValidatedChain {
    path = List.copyOf(path);
  }
}
