package dev.countersign.signing.sigstore;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.signing.EphemeralKey;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigstoreSigningSettings.ExpectedIdentity;
import dev.countersign.text.Printable;
import dev.countersign.verification.SigstoreEvidence;
import dev.countersign.verification.SigstoreIdentity;
import dev.countersign.verification.VerificationException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests certificates, each for a new key and with a token that was read anew, and verifies that
 * they are what was asked for.
 */
final class CertificateRequests implements CertificateHolder.Issuing {

  private final IdentityTokens tokens;
  private final FulcioClient fulcio;
  private final SigstoreEvidence evidence;
  private final ExpectedIdentity expected;
  private final Clock clock;

  /** Whom the first certificate was for; who signs does not change in the middle of a run. */
  private volatile @Nullable SigstoreIdentity first;

  CertificateRequests(
      IdentityTokens tokens,
      FulcioClient fulcio,
      SigstoreEvidence evidence,
      ExpectedIdentity expected,
      Clock clock) {
    this.tokens = tokens;
    this.fulcio = fulcio;
    this.evidence = evidence;
    this.expected = expected;
    this.clock = clock;
  }

  @Override
  public EphemeralKey.Certified issue() throws SigningException {
    IdentityToken token = tokens.read();
    token.requireCurrent(clock.instant());
    EphemeralKey key = EphemeralKey.generate();
    List<X509Certificate> issued = fulcio.issue(token, key.request());
    X509Certificate certificate = issued.get(0);
    if (!certificate.getPublicKey().equals(key.publicKey())) {
      throw refused("It is for another key than the one in the request.", Remedy.NONE, null);
    }
    try {
      var unused = evidence.requireIssued(certificate);
    } catch (VerificationException e) {
      throw refused(
          e.problem(),
          Remedy.text(
              "Check that trusted root and signing config belong to the same Sigstore instance."),
          e);
    }
    SigstoreIdentity signer =
        SigstoreIdentity.of(certificate)
            .orElseThrow(
                () ->
                    refused("It does not name one identity and one provider.", Remedy.NONE, null));
    requireExpected(signer);
    SigstoreIdentity before = first;
    if (before != null && !before.equals(signer)) {
      throw refused(
          "It is for "
              + Printable.of(signer.identity())
              + ", and the one before was for "
              + Printable.of(before.identity())
              + ".",
          Remedy.text("Sign all models of a run with tokens of one identity."),
          null);
    }
    first = signer;
    return key.certified(certificate, signer.identity());
  }

  private void requireExpected(SigstoreIdentity signer) throws SigningException {
    if ((!expected.identity().isEmpty() && !expected.identity().equals(signer.identity()))
        || (!expected.provider().isEmpty() && !expected.provider().equals(signer.provider()))) {
      throw refused(
          "It is for "
              + Printable.of(signer.identity())
              + ", for whom "
              + Printable.of(signer.provider())
              + " vouches.",
          Remedy.of(
              "Sign with the token of the identity in %s and %s, or leave these out.",
              Setting.IDENTITY, Setting.IDENTITY_PROVIDER),
          null);
    }
  }

  private static SigningException refused(
      String problem, Remedy remedy, @Nullable Throwable cause) {
    return new SigningException(
        "The certificate that was issued cannot be used. " + problem, remedy, cause);
  }
}
