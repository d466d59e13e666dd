package dev.countersign.stage;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.metrics.SigningMetrics;
import dev.countersign.oms.Manifest;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.storage.SweptFolders;
import dev.countersign.trust.ChainException;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.jspecify.annotations.Nullable;

/**
 * Signs each model's manifest with a local key and writes its bundle; one that is to be signed
 * again only if it is what was signed before. The key is loaded here, on the task manager, when the
 * stage opens; a key that cannot be loaded ends the job at once, not each model.
 */
public final class SignManifest extends ResultStage
    implements CheckpointedFunction, CheckpointListener {

  private static final long serialVersionUID = 1L;

  /** How long a write may wait in all before it is tried again; checkpoints wait meanwhile. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final String runId;
  private final SignSettings settings;
  private final Duration stallTimeout;

  private transient @Nullable ModelSigning signing;
  private transient @Nullable ReplacedBundles replaced;

  /**
   * A stage of the run {@code runId}. What waits on a network is {@link AsyncSignManifest}'s.
   *
   * @param stallTimeout how long listing a model again may make no progress
   */
  public SignManifest(String runId, SignSettings settings, Duration stallTimeout) {
    super(runId);
    this.runId = runId;
    this.settings = settings;
    this.stallTimeout = stallTimeout;
    if (settings.timestamps() != null) {
      throw new IllegalArgumentException("a timestamp authority would hold up checkpoints here");
    }
  }

  @Override
  public void open(OpenContext context) throws Exception {
    super.open(context);
    signing =
        open(
            runId,
            settings,
            SigningMetrics.in(getRuntimeContext().getMetricGroup()),
            LONGEST_WAIT,
            stallTimeout);
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    replaced = new ReplacedBundles(runId);
    replaced.initialize(context);
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    replaced().snapshot(context.getCheckpointId());
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    replaced().completed(checkpointId);
  }

  private ReplacedBundles replaced() {
    if (replaced == null) {
      throw new IllegalStateException("used before initializeState()");
    }
    return replaced;
  }

  /** Loads the key; without it no model can be signed, so the job does not start again. */
  static ModelSigning open(
      String runId,
      SignSettings settings,
      SigningMetrics metrics,
      Duration longestWait,
      Duration stallTimeout) {
    // A stage that opens again does so since a process was lost, perhaps in the middle of a write.
    SweptFolders.forget();
    try {
      return ModelSigning.open(runId, settings, metrics, longestWait, stallTimeout);
    } catch (KeyFormatException | ChainException e) {
      throw new SuppressRestartsException(e);
    }
  }

  @Override
  public void finish(AssembledModel model, ModelResult result) throws Exception {
    if (signing == null) {
      throw new IllegalStateException("used before open()");
    }
    Resigning.check(model, result);
    Manifest manifest = Manifests.of(model);
    // The manifest holds the same; of a million files both do not fit beside the bundle.
    model.setDigests(List.of());
    signing.sign(manifest, model.getHeader(), result);
  }

  @Override
  void ended(ModelResult result) {
    replaced().add(result);
  }

  @Override
  public void close() throws Exception {
    if (signing != null) {
      signing.close();
    }
    if (replaced != null) {
      replaced.close();
    }
  }
}
