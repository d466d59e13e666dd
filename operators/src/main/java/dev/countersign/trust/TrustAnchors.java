package dev.countersign.trust;

import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The certificates that a caller trusts. They come from the caller alone: a certificate out of a
 * bundle is never one of them. Thread safe.
 */
public final class TrustAnchors {

  /** In the caller's order. */
  private final Set<X509Certificate> certificates;

  private TrustAnchors(List<X509Certificate> certificates) {
    this.certificates = new LinkedHashSet<>(certificates);
  }

  /**
   * Returns the anchors that the caller names.
   *
   * @param certificates each is trusted for what it is: a CA, self-signed or not, for whatever it
   *     issued, another certificate for itself alone; at least one
   * @throws IllegalArgumentException if the list is empty
   */
  public static TrustAnchors of(List<X509Certificate> certificates) {
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("No certificate to trust");
    }
    return new TrustAnchors(certificates);
  }

  /**
   * Returns the certificates that this JVM trusts: those of the key store that the system property
   * {@code javax.net.ssl.trustStore} names, else those of the JDK's {@code lib/security/cacerts}.
   *
   * @throws TrustException if the store is not there, cannot be read, or holds no certificate
   */
  public static TrustAnchors ofJdk() throws TrustException {
    return of(JdkTrustStore.certificates());
  }

  boolean contains(X509Certificate certificate) {
    return certificates.contains(certificate);
  }

  /** Returns the anchors in the caller's order, each once; cannot be modified. */
  public Set<X509Certificate> certificates() {
    return Collections.unmodifiableSet(certificates);
  }
}
