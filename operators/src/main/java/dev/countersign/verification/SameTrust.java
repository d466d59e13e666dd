package dev.countersign.verification;

import dev.countersign.oms.OmsException;

/** The same signers for every model, and nothing else allowed. */
record SameTrust(BundleVerifier verifier) implements ModelTrust {

  @Override
  public String rule() {
    return "";
  }

  @Override
  public boolean allowsUnsigned() {
    return false;
  }

  @Override
  public boolean allowsPreviousDigests() {
    return false;
  }

  @Override
  public boolean allowsFirstSignature() {
    return false;
  }

  @Override
  public VerifiedBundle verify(byte[] bundleJson) throws OmsException, VerificationException {
    return verifier.verify(bundleJson);
  }
}
