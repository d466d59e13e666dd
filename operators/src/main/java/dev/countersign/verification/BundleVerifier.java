package dev.countersign.verification;

import dev.countersign.oms.OmsException;

/** Tells whether a bundle is signed by whom the caller trusts. Implementations are thread safe. */
public interface BundleVerifier {

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
    return new SameTrust(this);
  }
}
