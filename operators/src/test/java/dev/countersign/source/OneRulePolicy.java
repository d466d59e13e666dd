package dev.countersign.source;

import dev.countersign.oms.Digest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.StatementCut;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.storage.Storages;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.BundleVerifiers;
import dev.countersign.verification.ModelTrust;
import dev.countersign.verification.VerificationException;
import dev.countersign.verification.VerifiedBundle;

/** One rule for all models. */
final class OneRulePolicy implements BundleVerifier, ModelTrust {
  BundleVerifier accepted;
  boolean allowsUnsigned;
  boolean allowsPreviousDigests;
  boolean allowsFirstSignature;

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
