package dev.countersign.trust;

import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A chain that leads from a certificate to a trust anchor and keeps all rules.
 *
 * @param path the chain, leaf first, without the anchor; the leaf alone if that is an anchor itself
 * @param anchor the certificate that the caller trusts, and with it the chain
 */
public record ValidatedChain(List<X509Certificate> path, X509Certificate anchor) {

  /** Far more signers than a catalog has, and a few megabytes at most. */
  private static final int REMEMBERED = 256;

  public ValidatedChain {
    path = List.copyOf(path);
  }

  /**
   * Returns a map for chains that held, by what was validated. It keeps those that were used last,
   * and is thread safe.
   */
  public static <K> Map<K, ValidatedChain> remembered() {
    return Collections.synchronizedMap(
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, ValidatedChain> eldest) {
            return size() > REMEMBERED;
          }
        });
  }
}
