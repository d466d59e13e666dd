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

/** Verifies bundles of method sigstore against the identities that the caller trusts. */
final class SigstoreVerifier implements BundleVerifier {

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
        accepted.stream().anyMatch(each -> each.identity().test(identity.identity()))
            ? "This identity is trusted only if another provider vouches for it."
            : "This is not a trusted identity.";
    throw new VerificationException(
        VerificationException.Kind.UNTRUSTED_SIGNER,
        CertifiedSigner.claimed(signer.certificate()),
        "The bundle was signed by %s, for whom %s vouches. %s If this signer is to be trusted, name"
            + " identity and provider exactly as they are here.",
        Printable.of(identity.identity()),
        Printable.of(identity.provider()),
        problem);
  }

  /** Identity that is accepted, from one provider. */
  private record Accepted(Predicate<String> identity, String provider) {

    static Accepted of(PolicyAcceptance.Identity settings) {
      return new Accepted(settings.identity().ofText(), settings.issuer());
    }

    boolean accepts(SigstoreIdentity signer) {
      return provider.equals(signer.provider()) && identity.test(signer.identity());
    }
  }
}
