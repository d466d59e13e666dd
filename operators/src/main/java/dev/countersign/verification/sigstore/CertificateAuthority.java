package dev.countersign.verification.sigstore;

import dev.countersign.trust.CertificatePurpose;
import dev.countersign.trust.ChainException;
import dev.countersign.trust.ChainValidator;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.TrustAnchors;
import dev.countersign.trust.ValidatedChain;
import dev.sigstore.trustroot.ValidFor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * Certificate authority of an instance. FulcioVerifier checks the chain too, but not what the
 * certificate may be used for.
 *
 * @param validFor when its certificates count
 * @param root its own certificate
 * @param intermediates certificates between it and those that it issued
 * @param validator trusts its root
 */
record CertificateAuthority(
    ValidFor validFor,
    X509Certificate root,
    List<X509Certificate> intermediates,
    ChainValidator validator) {

  static CertificateAuthority of(dev.sigstore.trustroot.CertificateAuthority authority) {
    List<X509Certificate> path = certificates(authority);
    int root = path.size() - 1;
    return new CertificateAuthority(
        authority.getValidFor(),
        path.get(root),
        path.subList(0, root),
        new ChainValidator(
            TrustAnchors.of(path.subList(root, path.size())),
            CertificatePurpose.CODE_SIGNING,
            RevocationLists.none()));
  }

  static List<X509Certificate> certificates(dev.sigstore.trustroot.CertificateAuthority authority) {
    return authority.getCertPath().getCertificates().stream()
        .map(X509Certificate.class::cast)
        .toList();
  }

  boolean isValidAt(Instant time) {
    return validFor.contains(time);
  }

  /**
   * Returns whether a chain consists of this authority's certificates above the first. Another
   * authority may have the same root.
   */
  boolean isOf(ValidatedChain chain) {
    List<X509Certificate> path = chain.path();
    return root.equals(chain.anchor()) && intermediates.containsAll(path.subList(1, path.size()));
  }

  /** Returns the chain of a certificate at the begin of its validity. */
  ValidatedChain validate(X509Certificate certificate) throws ChainException {
    Instant at = certificate.getNotBefore().toInstant();
    return validator.validate(certificate, intermediates, at, at);
  }
}
