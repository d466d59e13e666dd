package dev.countersign.stage;

import dev.countersign.oms.OmsException;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.sink.WriteRetries;
import dev.countersign.source.planning.ListingCheck;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a model is what was signed, or computes its root digest, and requires that it is
 * still what was read. Signature and statement were checked when the model was planned, content
 * where it was read; what is left of a verification is to look at the differences.
 */
public final class ContentStage extends ResultStage {

  private static final long serialVersionUID = 1L;

  /** How long a listing may wait in all before it is tried again; checkpoints wait meanwhile. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final boolean verifies;
  private final FaultSettings faults;
  private final Duration stallTimeout;

  private transient @Nullable ListingCheck listings;
  private transient @Nullable WriteRetries retries;

  /**
   * A stage of the run {@code runId}.
   *
   * @param operation {@code VERIFY} or {@code DIGEST}
   * @param stallTimeout how long listing a model again may make no progress
   * @throws IllegalArgumentException if the operation is another
   */
  public ContentStage(
      String runId, Operation operation, FaultSettings faults, Duration stallTimeout) {
    super(runId);
    if (operation != Operation.VERIFY && operation != Operation.DIGEST) {
      throw new IllegalArgumentException("neither verifies nor digests: " + operation);
    }
    this.verifies = operation == Operation.VERIFY;
    this.faults = faults;
    this.stallTimeout = stallTimeout;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    super.open(context);
    listings = new ListingCheck(stallTimeout);
    retries = new WriteRetries(faults, LONGEST_WAIT);
  }

  @Override
  public void finish(AssembledModel model, ModelResult result) throws OmsException, ModelFailure {
    if (listings == null || retries == null) {
      throw new IllegalStateException("used before open()");
    }
    if (verifies) {
      ContentCheck.requireSame(model, result);
    } else {
      result.setRootDigest(Manifests.of(model).rootDigest().hex());
    }
    ListingCheck check = listings;
    Object unused =
        retries.call(
            () -> {
              check.requireUnchanged(model.getHeader());
              return result;
            },
            () -> result.setAttempt(result.getAttempt() + 1));
    ModelResults.succeed(result, verifies ? Outcome.VERIFIED : Outcome.DIGESTED);
  }
}
