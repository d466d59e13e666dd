package dev.countersign.stage;

import dev.countersign.oms.OmsException;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;

/** Computes a model's root digest and signs nothing. */
public final class DigestManifest extends ResultStage {

  private static final long serialVersionUID = 1L;

  /** A stage of the run {@code runId}. */
  public DigestManifest(String runId) {
    super(runId);
  }

  @Override
  public void finish(AssembledModel model, ModelResult result) throws OmsException {
    result.setRootDigest(Manifests.of(model).rootDigest().hex());
    ModelResults.succeed(result, Outcome.DIGESTED);
  }
}
