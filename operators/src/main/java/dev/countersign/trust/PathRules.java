package dev.countersign.trust;

import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules for each certificate of a path by itself, which the JDK leaves to its configuration.
 *
 * <p>The JDK's builder asks them of every certificate before it follows it, so this is also where
 * its search is bounded: it looks into every branch, of which a few hostile certificates can make
 * more than it could ever finish.
 */
final class PathRules extends PKIXCertPathChecker {

  private final ChainFaults faults;
  private final SearchBudget budget;

  PathRules(ChainFaults faults, SearchBudget budget) {
    this.faults = faults;
    this.budget = budget;
  }

  @Override
  public void init(boolean forward) {}

  @Override
  public boolean isForwardCheckingSupported() {
    return true;
  }

  @Override
  public @Nullable Set<String> getSupportedExtensions() {
    return null;
  }

  /**
   * Checks one certificate.
   *
   * @throws SearchBudget.SpentException if too many have been checked already
   */
  @Override
  public void check(Certificate certificate, Collection<String> unresolvedCriticalExtensions)
      throws CertPathValidatorException {
    budget.spend();
    X509Certificate checked = OtherCurves.original(certificate);
    Optional<String> problem =
        AlgorithmRules.faultOfKey(checked).or(() -> AlgorithmRules.faultOfSignature(checked));
    if (problem.isPresent()) {
      ChainException fault = faults.unsuitable(checked, problem.get());
      throw new CertPathValidatorException(fault.getMessage(), fault);
    }
  }
}
