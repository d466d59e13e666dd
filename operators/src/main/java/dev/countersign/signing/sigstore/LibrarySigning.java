package dev.countersign.signing.sigstore;

import dev.countersign.http.HttpCalls;
import dev.countersign.http.HttpSettings;
import dev.countersign.signing.EnvelopeSigner;
import dev.countersign.signing.IdentityTokenSource;
import dev.countersign.signing.KeylessSigning;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigningLimits;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.trust.TrustException;
import java.time.Duration;
import java.time.Instant;

/** Opens signers that use a Sigstore instance. */
public final class LibrarySigning implements KeylessSigning {

  @Override
  public void requireUsable(SigstoreSigningSettings settings) throws TrustException {
    var unused = InstanceServices.of(settings);
  }

  @Override
  public void requireToken(IdentityTokenSource source) throws SigningException {
    try (HttpCalls unused =
        new HttpCalls(new HttpSettings(Duration.ofSeconds(1)), RekorEntries.MAX_ANSWER_BYTES)) {
      new IdentityTokens(source, System::getenv, unused).requirePresent(Instant.now());
    }
  }

  @Override
  public EnvelopeSigner open(SigstoreSigningSettings settings, String runId, SigningLimits share)
      throws SigningException, TrustException {
    RunSigning run = RunSigning.of(settings, runId);
    EnvelopeSigner signer = new KeylessSigner(run, share);
    boolean opened = false;
    try {
      // So that a run that cannot sign ends before it reads a model.
      run.requireCertificate();
      opened = true;
      return signer;
    } finally {
      if (!opened) {
        signer.close();
      }
    }
  }
}
