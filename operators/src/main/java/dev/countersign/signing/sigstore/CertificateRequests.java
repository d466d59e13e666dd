package dev.countersign.signing.sigstore;

import dev.countersign.http.ServiceException;
import dev.countersign.oms.Sha256;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.signing.EphemeralKey;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigstoreSigningSettings.ExpectedIdentity;
import dev.countersign.text.Printable;
import dev.countersign.verification.SigstoreEvidence;
import dev.countersign.verification.SigstoreIdentity;
import dev.countersign.verification.VerificationException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicReference;
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
  private final AtomicReference<@Nullable SigstoreIdentity> first;

  /** The last token that no certificate came of; null if there is none. */
  private volatile @Nullable Refusal refusal;

  private record Refusal(String tokenSha256, SigningException problem) {}

  /**
   * Requests certificates of one instance.
   *
   * @param first whom the first certificate of the run was for; null before that
   */
  CertificateRequests(
      IdentityTokens tokens,
      FulcioClient fulcio,
      SigstoreEvidence evidence,
      ExpectedIdentity expected,
      AtomicReference<@Nullable SigstoreIdentity> first,
      Clock clock) {
    this.first = first;
    this.tokens = tokens;
    this.fulcio = fulcio;
    this.evidence = evidence;
    this.expected = expected;
    this.clock = clock;
  }

  @Override
  public EphemeralKey.Certified issue(boolean insists) throws SigningException {
    IdentityToken token = tokens.read();
    token.requireCurrent(clock.instant());
    String sha256 = Sha256.hex(token.secret().getBytes(StandardCharsets.UTF_8));
    Refusal known = refusal;
    if (!insists && known != null && known.tokenSha256().equals(sha256)) {
      throw known.problem();
    }
    try {
      return certified(token);
    } catch (SigningException e) {
      // Without an answer, nothing was said about the token.
      refusal = e.getCause() instanceof ServiceException ? null : new Refusal(sha256, e);
      throw e;
    }
  }

  private EphemeralKey.Certified certified(IdentityToken token) throws SigningException {
    EphemeralKey key = EphemeralKey.generate();
    X509Certificate certificate = fulcio.issue(token, key.request());
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
    SigstoreIdentity before = first.compareAndExchange(null, signer);
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
