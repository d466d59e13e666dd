package dev.countersign.signing.sigstore;

import dev.countersign.signing.EnvelopeSigner;
import dev.countersign.signing.EphemeralKey;
import dev.countersign.signing.KeylessSigning;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigningLimits;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.trust.TrustException;

/** Opens signers that use a Sigstore instance. */
public final class LibrarySigning implements KeylessSigning {

  @Override
  public void requireUsable(SigstoreSigningSettings settings) throws TrustException {
    var unused = InstanceServices.of(settings);
  }

  @Override
  public EnvelopeSigner open(SigstoreSigningSettings settings, String runId, SigningLimits share)
      throws SigningException, TrustException {
    ProcessSigning process = ProcessSigning.of(settings, runId);
    EnvelopeSigner signer = new KeylessSigner(process, share);
    boolean opened = false;
    try {
      // So that a run that cannot sign ends before it reads a model.
      EphemeralKey.Certified unused = process.certificates().current();
      opened = true;
      return signer;
    } finally {
      if (!opened) {
        signer.close();
      }
    }
  }
}
