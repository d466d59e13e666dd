package dev.countersign.source;

import dev.countersign.oms.OmsException;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.ModelTrust;
import dev.countersign.verification.VerificationException;
import dev.countersign.verification.VerifiedBundle;

/** One rule for all models. */
public final class OneRulePolicy implements BundleVerifier, ModelTrust {
  public BundleVerifier accepted;
  public boolean allowsUnsigned;
  public boolean allowsPreviousDigests;
  public boolean allowsFirstSignature;

  @Override
  public ModelTrust forModel(String modelUri) {
    return this;
  }

  @Override
  public String rule() {
    return "rule of the test";
  }

  @Override
  public boolean allowsUnsigned() {
    return allowsUnsigned;
  }

  @Override
  public boolean allowsPreviousDigests() {
    return allowsPreviousDigests;
  }

  @Override
  public boolean allowsFirstSignature() {
    return allowsFirstSignature;
  }

  @Override
  public VerifiedBundle verify(byte[] bundle) throws OmsException, VerificationException {
    return accepted.verify(bundle);
  }
}
