package dev.countersign.stage;

import dev.countersign.oms.OmsException;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.time.Duration;

/**
 * Decides whether a model is what was signed. Signature and statement were checked when the model
 * was planned, content where it was read; what is left is to look at the differences, and to list
 * the model again.
 */
public final class VerifyManifest extends ContentStage {

  private static final long serialVersionUID = 1L;

  /** A stage of the run {@code runId}. */
  public VerifyManifest(String runId, FaultSettings faults, Duration stallTimeout) {
    super(runId, faults, stallTimeout);
  }

  @Override
  public void finish(AssembledModel model, ModelResult result) throws OmsException, ModelFailure {
    ContentCheck.requireSame(model, result);
    requireUnchanged(model, result);
    ModelResults.succeed(result, Outcome.VERIFIED);
  }
}
