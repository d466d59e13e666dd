package dev.countersign.verification;

import dev.countersign.trust.ValidatedChain;
import dev.countersign.trust.VerifiedTimestamp;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A signer that is known by a certificate, and what the check of it came to.
 *
 * @param certificate the signer's own
 * @param path the certificates from the signer's to the one below the anchor; empty if none was
 *     found, so that the certificate is a claim only
 * @param anchor the certificate of the caller's that the path ends at; empty if there is no path
 * @param checkedAt when the certificates had to be valid; empty if there is no path
 * @param timestamp the timestamp that gave that time; empty if it is the present or the caller's
 * @param atChosenTime whether that time is one that the caller chose, which weakens the check
 * @param sigstore what else was checked of a Sigstore signature; empty under other methods
 */
public record CertifiedSigner(
    X509Certificate certificate,
    List<X509Certificate> path,
    Optional<X509Certificate> anchor,
    Optional<Instant> checkedAt,
    Optional<VerifiedTimestamp> timestamp,
    boolean atChosenTime,
    Optional<SigstoreProof> sigstore) {

  public CertifiedSigner {
    path = List.copyOf(path);
  }

  /** A signer that only the bundle speaks of. */
  public static CertifiedSigner claimed(X509Certificate certificate) {
    return new CertifiedSigner(
        certificate,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty());
  }

  /** A signer whose chain held. */
  static CertifiedSigner checked(
      ValidatedChain chain,
      Instant at,
      Optional<VerifiedTimestamp> timestamp,
      boolean atChosenTime) {
    return new CertifiedSigner(
        chain.path().get(0),
        chain.path(),
        Optional.of(chain.anchor()),
        Optional.of(at),
        timestamp,
        atChosenTime,
        Optional.empty());
  }

  /** Returns this signer, of a Sigstore signature. */
  CertifiedSigner with(SigstoreProof proof) {
    return new CertifiedSigner(
        certificate, path, anchor, checkedAt, timestamp, atChosenTime, Optional.of(proof));
  }
}
