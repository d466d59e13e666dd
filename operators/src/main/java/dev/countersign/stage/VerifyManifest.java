package dev.countersign.stage;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.ModelFailure;
import java.util.Locale;

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
  public void finish(AssembledModel model, ModelResult result) {
    long different = result.getMissing() + result.getExtra() + result.getChanged();
    long linkedDirectories = model.getCounts().getLinkedDirectories();
    result.setTruncated(result.getDifferences().size() < different);
    if (different == 0) {
      ModelResults.succeed(result, Outcome.VERIFIED);
      return;
    }
    if (different == linkedDirectories) {
      ModelResults.fail(result, unsignedLinkedDirectories(linkedDirectories));
      return;
    }
    ModelResults.fail(
        result,
        new ModelFailure(
            FailureReason.CONTENT_MISMATCH,
            String.format(
                Locale.ROOT,
                "The model is not what was signed: %d changed, %d missing, %d extra. Restore the signed files, or sign the model again if the change is meant.",
                result.getChanged(),
                result.getMissing(),
                result.getExtra())));
  }

  /** OMS has no form for such links, and other clients pass over them without a word. */
  private static ModelFailure unsignedLinkedDirectories(long count) {
    return new ModelFailure(
        FailureReason.UNSIGNED_LINKED_DIRECTORY,
        String.format(
            Locale.ROOT,
            "All that was signed is there and unchanged, but beside it lie links to directories (%d), which no signature covers. Remove them, name them with --ignore-paths, or let all unsigned files pass with --ignore-unsigned-files.",
            count));
  }
}
