package dev.countersign.stage;

import dev.countersign.oms.OmsException;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.time.Duration;

/** Computes a model's root digest and signs nothing. */
public final class DigestManifest extends ContentStage {

  private static final long serialVersionUID = 1L;

  /** A stage of the run {@code runId}. */
  public DigestManifest(String runId, FaultSettings faults, Duration stallTimeout) {
    super(runId, faults, stallTimeout);
  }

  @Override
  public void finish(AssembledModel model, ModelResult result) throws OmsException, ModelFailure {
    result.setRootDigest(Manifests.of(model).rootDigest().hex());
    requireUnchanged(model, result);
    ModelResults.succeed(result, Outcome.DIGESTED);
  }
}
