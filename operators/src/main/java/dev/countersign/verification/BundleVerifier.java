package dev.countersign.verification;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.trust.TrustException;
import java.time.Clock;

/** Tells whether a bundle is signed by whom the caller trusts. Implementations are thread safe. */
public interface BundleVerifier {

  /**
   * Returns a verifier that trusts whom the settings name.
   *
   * @param bounds what a bundle may not exceed
   * @param clock tells the present time at each verification
   * @throws KeyFormatException if a public key cannot be used
   * @throws TrustException if a certificate, a revocation list or a Sigstore instance cannot be
   *     used
   */
  static BundleVerifier of(VerificationSettings settings, OmsBounds bounds, Clock clock)
      throws KeyFormatException, TrustException {
    if (settings instanceof KeyVerificationSettings keys) {
      return KeyVerifier.of(keys, bounds);
    }
    if (settings instanceof CertificateVerificationSettings certificates) {
      return new CertificateVerifier(certificates, bounds, clock);
    }
    if (settings instanceof SigstoreVerificationSettings sigstore) {
      return new SigstoreVerifier(sigstore, bounds, clock);
    }
    if (settings instanceof PolicySettings policy) {
      return new PolicyVerifier(policy, bounds, clock);
    }
    if (settings instanceof RereadSettings reread) {
      return new RereadVerifier(reread, bounds, clock);
    }
    return ((OwnCertificateSettings) settings).verifier(bounds);
  }

  /**
   * Verifies a bundle: its form, then its signature, and only then what the signed payload says.
   * The model's files are not looked at.
   *
   * @param bundleJson the bundle as it was stored; not changed and not kept
   * @throws OmsException if the bundle or the signed statement is malformed, or over a bound
   * @throws VerificationException if nobody whom the caller trusts signed the payload
   */
  VerifiedBundle verify(byte[] bundleJson) throws OmsException, VerificationException;

  /**
   * Returns whom the caller trusts for one model: this verifier, unless a policy has a rule for
   * each model.
   *
   * @param modelUri the model's canonical URI, as {@code CatalogEntry.model()} has it
   * @throws VerificationException {@link VerificationException.Kind#NO_POLICY_RULE} if a policy has
   *     no rule for the model, so that nobody is trusted for it
   */
  default ModelTrust forModel(String modelUri) throws VerificationException {
    return this::verify;
  }
}
