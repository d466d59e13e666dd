package dev.countersign.trust;

import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules for a path below one trust anchor: what the anchor's own extensions demand, for which
 * the JDK takes only its name and its key, extended key usage of CAs, and revocation.
 */
final class AnchorRules extends PKIXCertPathChecker {

  /** The position of the bit in KeyUsage (RFC 5280, section 4.2.1.3). */
  private static final int KEY_CERT_SIGN = 5;

  private final X509Certificate anchor;
  private final X509Certificate leaf;
  private final CertificatePurpose purpose;
  private final ChainFaults faults;
  private final RevocationLists revocation;
  private final Instant revocationAt;
  private final NameLimits names;

  private X509Certificate issuer;
  private int authorities;

  AnchorRules(
      X509Certificate anchor,
      X509Certificate leaf,
      CertificatePurpose purpose,
      ChainFaults faults,
      RevocationLists revocation,
      Instant revocationAt) {
    this.anchor = anchor;
    this.leaf = leaf;
    this.purpose = purpose;
    this.faults = faults;
    this.revocation = revocation;
    this.revocationAt = revocationAt;
    this.names = NameLimits.of(anchor);
    this.issuer = anchor;
  }

  /** Checks that a trust anchor may vouch for other certificates. */
  static void check(X509Certificate anchor, Instant at, ChainFaults faults) throws ChainException {
    if (!isValid(anchor, at)) {
      throw faults.anchorOutOfTime(anchor, at);
    }
    Optional<String> problem = AlgorithmRules.faultOfKey(anchor);
    if (problem.isPresent()) {
      throw faults.unsuitable(anchor, problem.get());
    }
    // Before version 3 there was no way to say that a certificate is a CA's.
    if (anchor.getVersion() >= 3 && anchor.getBasicConstraints() < 0) {
      throw faults.unsuitable(
          anchor, "is trusted for itself alone, since it is none of a CA, and it issued another");
    }
    boolean[] keyUsage = anchor.getKeyUsage();
    if (keyUsage != null && !keyUsage[KEY_CERT_SIGN]) {
      throw faults.unsuitable(
          anchor, "issued another certificate, and its key usage lacks keyCertSign");
    }
  }

  /** Returns whether the time lies within a certificate's validity, both ends inclusive. */
  static boolean isValid(X509Certificate certificate, Instant at) {
    return !at.isBefore(certificate.getNotBefore().toInstant())
        && !at.isAfter(certificate.getNotAfter().toInstant());
  }

  @Override
  public void init(boolean forward) {
    issuer = anchor;
    authorities = 0;
  }

  /** Returns false: a path is checked as a whole, from the anchor down. */
  @Override
  public boolean isForwardCheckingSupported() {
    return false;
  }

  @Override
  public @Nullable Set<String> getSupportedExtensions() {
    return null;
  }

  @Override
  public void check(Certificate certificate, Collection<String> unresolvedCriticalExtensions)
      throws CertPathValidatorException {
    try {
      check(OtherCurves.original(certificate));
    } catch (ChainException e) {
      throw new CertPathValidatorException(e.getMessage(), e);
    }
  }

  private void check(X509Certificate certificate) throws ChainException {
    boolean last = certificate.equals(leaf);
    boolean selfIssued =
        certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    if (!last && !selfIssued) {
      authorities++;
    }
    if (anchor.getBasicConstraints() >= 0 && authorities > anchor.getBasicConstraints()) {
      throw faults.unsuitable(anchor, "has more CAs below it than its path length allows");
    }
    if (!last) {
      purpose.checkIssuer(certificate);
    }
    if ((last || !selfIssued) && !names.allow(certificate)) {
      throw faults.unsuitable(
          certificate, "has a name that an issuer's name constraints do not allow");
    }
    revocation.requireUnrevoked(certificate, issuer, revocationAt, faults);
    issuer = certificate;
  }
}
