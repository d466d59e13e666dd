package dev.countersign.verification;

import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.TrustException;

/**
 * Opens the evidence of Sigstore instances. Its implementation needs Sigstore's libraries and is
 * found with {@link dev.countersign.trust.SigstoreLibraries#load}.
 */
public interface SigstoreEvidences {

  /**
   * Returns the checks against an instance.
   *
   * @throws TrustException if its trusted root cannot be used
   */
  SigstoreEvidence open(SigstoreInstance instance) throws TrustException;
}
