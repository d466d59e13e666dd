package dev.countersign.verification.sigstore;

import dev.countersign.remedy.Remedy;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.TimestampException;
import dev.countersign.trust.TimestampVerifier;
import dev.countersign.trust.TrustAnchors;
import dev.countersign.trust.ValidatedChain;
import dev.countersign.trust.VerifiedTimestamp;
import dev.sigstore.trustroot.ValidFor;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Timestamp authority of an instance. Where the trusted root names the certificate that signs
 * timestamps, that alone counts, and responses need not enclose it.
 *
 * @param validFor when its timestamps count
 * @param path its certificates, as the trusted root lists them, from the lowest to the root
 * @param verifier trusts its certificates
 */
record TimestampAuthority(
    ValidFor validFor, List<X509Certificate> path, TimestampVerifier verifier) {

  static TimestampAuthority of(dev.sigstore.trustroot.CertificateAuthority authority) {
    List<X509Certificate> path = CertificateAuthority.certificates(authority);
    boolean hasSigner = path.get(0).getBasicConstraints() < 0;
    return new TimestampAuthority(
        authority.getValidFor(),
        path,
        new TimestampVerifier(
            TrustAnchors.of(hasSigner ? path.subList(0, 1) : path), RevocationLists.none()));
  }

  VerifiedTimestamp require(byte[] response, byte[] signature) throws TimestampException {
    VerifiedTimestamp timestamp = verifier.verify(response, signature);
    if (!validFor.contains(timestamp.time())) {
      throw new TimestampException(
          "The timestamp is of "
              + timestamp.time()
              + ", when its authority did not count by the trusted root.",
          Remedy.text("Have the model signed again."));
    }
    return new VerifiedTimestamp(timestamp.time(), upToRoot(timestamp.chain()));
  }

  /**
   * Returns a chain with the certificates above its anchor, since whoever denies one of those
   * denies what it vouches for.
   */
  private ValidatedChain upToRoot(ValidatedChain chain) {
    Set<X509Certificate> certificates = new LinkedHashSet<>(chain.path());
    certificates.addAll(path.subList(path.indexOf(chain.anchor()), path.size()));
    List<X509Certificate> whole = List.copyOf(certificates);
    int root = whole.size() - 1;
    return new ValidatedChain(whole.subList(0, Math.max(1, root)), whole.get(root));
  }
}
