package dev.countersign.trust;

import dev.countersign.trust.SignedRoutes.Budget;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks that the JDK's path builder and validator leave to their callers, for one leaf. */
final class PathCheckers {

  private final X509Certificate leaf;
  private final CertificatePurpose purpose;
  private final RevocationLists revocation;
  private final Instant revocationAt;
  private final ChainFaults faults;

  /**
   * Makes the checks of paths to a leaf.
   *
   * @param revocationAt what was revoked at this time or before is refused
   */
  PathCheckers(
      X509Certificate leaf,
      CertificatePurpose purpose,
      RevocationLists revocation,
      Instant revocationAt,
      ChainFaults faults) {
    this.leaf = leaf;
    this.purpose = purpose;
    this.revocation = revocation;
    this.revocationAt = revocationAt;
    this.faults = faults;
  }

  /** Returns the check of each certificate of a path by itself. */
  PKIXCertPathChecker ofEach(Budget budget) {
    return new PathRules(budget);
  }

  /** Returns the check of a path as a whole, from the anchor down. */
  PKIXCertPathChecker below(X509Certificate anchor) {
    return new AnchorRules(anchor);
  }

  /** Rules that the JDK asks of the certificates of a path. */
  private abstract static class Rules extends PKIXCertPathChecker {

    abstract void require(X509Certificate certificate) throws ChainException;

    @Override
    public void init(boolean forward) {}

    @Override
    public @Nullable Set<String> getSupportedExtensions() {
      return null;
    }

    @Override
    public void check(Certificate certificate, Collection<String> unresolvedCriticalExtensions)
        throws CertPathValidatorException {
      try {
        require(OtherCurves.original(certificate));
      } catch (ChainException e) {
        throw new CertPathValidatorException(e.getMessage(), e);
      }
    }
  }

  /**
   * The rules for each certificate of a path by itself, which the JDK leaves to its configuration.
   *
   * <p>The JDK's builder asks them of every certificate before it follows it, so this is also where
   * its search is bounded: it looks into every branch, of which a few hostile certificates can make
   * more than it could ever finish.
   */
  private final class PathRules extends Rules {

    private final Budget budget;

    PathRules(Budget budget) {
      this.budget = budget;
    }

    /** Each certificate is checked by itself, and so in any order. */
    @Override
    public boolean isForwardCheckingSupported() {
      return true;
    }

    /**
     * Checks one certificate.
     *
     * @throws Budget.SpentException if too many have been checked already
     */
    @Override
    void require(X509Certificate certificate) throws ChainException {
      budget.spend();
      Optional<String> fault =
          AlgorithmRules.faultOfKey(certificate)
              .or(() -> AlgorithmRules.faultOfSignature(certificate));
      if (fault.isPresent()) {
        throw faults.unsuitable(certificate, fault.get());
      }
    }
  }

  /**
   * The rules for a path below one trust anchor, which is checked as a whole, from the anchor down:
   * what the anchor's own extensions demand, for which the JDK takes only its name and its key,
   * extended key usage of CAs, and revocation.
   */
  private final class AnchorRules extends Rules {

    private final X509Certificate anchor;
    private X509Certificate issuer;
    private int authorities;

    AnchorRules(X509Certificate anchor) {
      this.anchor = anchor;
      this.issuer = anchor;
    }

    @Override
    public void init(boolean forward) {
      issuer = anchor;
      authorities = 0;
    }

    @Override
    public boolean isForwardCheckingSupported() {
      return false;
    }

    @Override
    void require(X509Certificate certificate) throws ChainException {
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
      if ((last || !selfIssued) && !NameLimits.allow(anchor, certificate)) {
        throw faults.unsuitable(
            certificate, "has a name that an issuer's name constraints do not allow");
      }
      revocation.requireUnrevoked(certificate, issuer, revocationAt, faults);
      issuer = certificate;
    }
  }
}
