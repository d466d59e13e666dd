package dev.countersign.stage;

import dev.countersign.oms.OmsException;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.sink.WritePermit;
import dev.countersign.source.planning.ListingCheck;
import dev.countersign.source.pool.GuardedPool;

/**
 * Decides whether a model is what was signed, or computes its root digest, and requires that it is
 * still what was read. Signature and statement were checked when the model was planned, content
 * where it was read; what is left of a verification is to look at the differences.
 */
record ContentDecider(Operation operation, Retries retries) implements Decider {

  @Override
  public void decide(AssembledModel model, ModelResult result, WritePermit permit)
      throws OmsException, ModelFailure {
    boolean verifies = operation == Operation.VERIFY;
    GuardedPool.bounded();
    if (verifies) {
      ContentCheck.requireSame(model, result);
    } else {
      result.setRootDigest(Manifests.of(model).rootDigest().hex());
    }
    GuardedPool.progressed();
    Object unused =
        retries.call(
            () -> {
              ListingCheck.requireUnchanged(model.getHeader());
              return result;
            },
            () -> result.setAttempt(result.getAttempt() + 1));
    ModelResults.succeed(result, verifies ? Outcome.VERIFIED : Outcome.DIGESTED);
  }
}
