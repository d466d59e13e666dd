package dev.countersign.verification;

import dev.countersign.oms.OmsException;

/**
 * Whom the caller trusts to have signed one model, and what else is allowed for it. Whoever trusts
 * the same signers for all models trusts them for each and allows nothing else; a trust policy has
 * a rule for each. Implementations are thread safe.
 */
public interface ModelTrust {

  /** Returns the name of the policy's rule for the model; empty if no policy decides. */
  default String rule() {
    return "";
  }

  /** Returns whether the model may be without a bundle. One that has a bundle is still verified. */
  default boolean allowsUnsigned() {
    return false;
  }

  /**
   * Returns whether the model may be signed again for the digests that its bundle states, without
   * reading its content.
   */
  default boolean allowsPreviousDigests() {
    return false;
  }

  /**
   * Returns whether the model, if it may be without a bundle and has none, may be signed for the
   * first time by a run that signs again.
   */
  default boolean allowsFirstSignature() {
    return false;
  }

  /**
   * Verifies the model's bundle: its form, then its signature, then what the signed payload says,
   * then what the policy demands beside. The model's files are not looked at.
   *
   * @param bundleJson the bundle as it was stored; not changed and not kept
   * @throws OmsException if the bundle or the signed statement is malformed, or over a bound
   * @throws VerificationException if nobody whom the caller trusts for this model signed the
   *     payload, or the policy denies it
   */
  VerifiedBundle verify(byte[] bundleJson) throws OmsException, VerificationException;
}
