package dev.countersign.verification.sigstore;

import dev.countersign.remedy.Remedy;
import dev.countersign.text.Printable;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.TrustException;
import dev.countersign.trust.sigstore.InstanceTrust;
import dev.countersign.verification.SigstoreEvidence;
import dev.countersign.verification.SigstoreEvidences;
import java.security.GeneralSecurityException;

/** Opens the evidence of instances with sigstore-java. */
public final class LibraryEvidences implements SigstoreEvidences {

  @Override
  public SigstoreEvidence open(SigstoreInstance instance) throws TrustException {
    try {
      return LibraryEvidence.of(InstanceTrust.of(instance).trustedRoot());
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new TrustException(
          "Cannot use "
              + Printable.of(instance.trustedRoot().source())
              + " as a trusted root: one of its keys or certificates is of a kind that is not"
              + " supported ("
              + Printable.of(String.valueOf(e.getMessage()))
              + ").",
          Remedy.text("Use the trusted root that the operator of the instance publishes."));
    }
  }
}
