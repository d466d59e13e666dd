package dev.countersign.stage;

import dev.countersign.oms.OmsException;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.sink.WriteRetries;
import dev.countersign.source.planning.ListingCheck;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.jspecify.annotations.Nullable;

/** Stage that decides about content, and first requires that the model is still what was read. */
abstract class ContentStage extends ResultStage {

  private static final long serialVersionUID = 1L;

  /** How long a listing may wait in all before it is tried again; checkpoints wait meanwhile. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final FaultSettings faults;
  private final Duration stallTimeout;

  private transient @Nullable ListingCheck listings;
  private transient @Nullable WriteRetries retries;

  /** A stage that waits {@code stallTimeout} for a listing that makes no progress. */
  ContentStage(String runId, FaultSettings faults, Duration stallTimeout) {
    super(runId);
    this.faults = faults;
    this.stallTimeout = stallTimeout;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    super.open(context);
    listings = new ListingCheck(stallTimeout);
    retries = new WriteRetries(faults, LONGEST_WAIT);
  }

  /** Requires that the model is what it was when it was planned. */
  final void requireUnchanged(AssembledModel model, ModelResult result)
      throws OmsException, ModelFailure {
    if (listings == null || retries == null) {
      throw new IllegalStateException("used before open()");
    }
    ListingCheck check = listings;
    retries.run(
        () -> check.requireUnchanged(model.getHeader()),
        () -> result.setAttempt(result.getAttempt() + 1));
  }
}
