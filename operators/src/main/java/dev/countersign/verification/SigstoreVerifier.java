package dev.countersign.verification;

import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.oms.Statement;
import dev.countersign.text.Printable;
import dev.countersign.trust.TrustException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Verifies bundles of method sigstore against the identities that the caller trusts. */
final class SigstoreVerifier implements BundleVerifier {

  /** How many of the accepted identities a message names. */
  private static final int MAX_NAMED = 3;

  private final SigstoreSignatures signatures;
  private final List<Accepted> accepted;
  private final OmsBounds bounds;

  /**
   * A verifier for some identities.
   *
   * @param clock tells the present time at each verification
   * @throws TrustException if the instance cannot be used, or Sigstore's libraries are missing
   */
  SigstoreVerifier(SigstoreVerificationSettings settings, OmsBounds bounds, Clock clock)
      throws TrustException {
    this(SigstoreSignatures.of(settings.instance(), clock), settings.identities(), bounds);
  }

  /** A verifier for some identities under an instance. */
  SigstoreVerifier(
      SigstoreSignatures signatures, List<PolicyAcceptance.Identity> identities, OmsBounds bounds) {
    this.signatures = signatures;
    this.accepted = identities.stream().map(Accepted::of).toList();
    this.bounds = bounds;
  }

  @Override
  public VerifiedBundle verify(byte[] bundleJson) throws OmsException, VerificationException {
    return verify(BundleJson.read(bundleJson, bounds));
  }

  /** As {@link #verify(byte[])}, of a bundle that was read before. */
  VerifiedBundle verify(Bundle bundle) throws OmsException, VerificationException {
    CertifiedSigner signer = signatures.check(bundle);
    SigstoreIdentity identity = signer.sigstore().orElseThrow().signer();
    requireAccepted(identity, signer);
    byte[] payload = bundle.envelope().payload();
    return new VerifiedBundle(
        Statement.read(payload, bounds),
        payload,
        SignatureMethod.SIGSTORE,
        identity.identity(),
        Optional.of(signer));
  }

  private void requireAccepted(SigstoreIdentity identity, CertifiedSigner signer)
      throws VerificationException {
    if (accepted.stream().anyMatch(each -> each.accepts(identity))) {
      return;
    }
    String problem =
        accepted.stream().anyMatch(each -> each.matcher().test(identity.identity()))
            ? "This identity is trusted only if another provider vouches for it"
            : "This is not a trusted identity";
    throw new VerificationException(
        VerificationException.Kind.UNTRUSTED_SIGNER,
        CertifiedSigner.claimed(signer.certificate()),
        "The bundle was signed by %s, for whom %s vouches. %s (trusted: %s). If this signer is to"
            + " be trusted, name identity and provider exactly as they are here.",
        Printable.of(identity.identity()),
        Printable.of(identity.provider()),
        problem,
        acceptedNames());
  }

  private String acceptedNames() {
    String named =
        accepted.stream().limit(MAX_NAMED).map(Accepted::name).collect(Collectors.joining("; "));
    int others = accepted.size() - MAX_NAMED;
    return others > 0 ? named + "; and " + others + " more" : named;
  }

  /** Identity that is accepted, from one provider. */
  private record Accepted(PolicyAcceptance.Identity settings, Predicate<String> matcher) {

    static Accepted of(PolicyAcceptance.Identity settings) {
      return new Accepted(settings, settings.identity().ofText());
    }

    boolean accepts(SigstoreIdentity signer) {
      return settings.issuer().equals(signer.provider()) && matcher.test(signer.identity());
    }

    String name() {
      return (settings.identity().isPattern() ? "any that matches " : "")
          + Printable.of(settings.identity().text())
          + " of "
          + Printable.of(settings.issuer());
    }
  }
}
