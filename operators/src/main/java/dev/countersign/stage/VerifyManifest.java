package dev.countersign.stage;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.ModelFailure;

/**
 * Decides whether a model is what was signed. Signature and statement were checked when the model
 * was planned, content where it was read; what is left is to look at the differences.
 */
public final class VerifyManifest extends ResultStage {

  private static final long serialVersionUID = 1L;

  /** A stage of the run {@code runId}. */
  public VerifyManifest(String runId) {
    super(runId);
  }

  @Override
  public void finish(AssembledModel model, ModelResult result) throws ModelFailure {
    ContentCheck.demandSame(model, result);
    ModelResults.succeed(result, Outcome.VERIFIED);
  }
}
