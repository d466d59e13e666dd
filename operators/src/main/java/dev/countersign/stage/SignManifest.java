package dev.countersign.stage;

import dev.countersign.metrics.SigningMetrics;
import dev.countersign.oms.Manifest;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.jspecify.annotations.Nullable;

/**
 * Signs each model's manifest with a local key and writes its bundle; one that is to be signed
 * again only if it is what was signed before. The key is loaded here, on the task manager, when the
 * stage opens; a key that cannot be loaded ends the job at once, not each model.
 */
public final class SignManifest extends ResultStage implements ReplacedBundles.Stage {

  private static final long serialVersionUID = 1L;

  /** How long a write may wait in all before it is tried again; checkpoints wait meanwhile. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final String runId;
  private final SignSettings settings;
  private final Duration stallTimeout;
  private final ReplacedBundles replaced;

  private transient @Nullable ModelSigning signing;

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
    this.replaced = new ReplacedBundles(runId);
    if (settings.timestamps() != null) {
      throw new IllegalArgumentException("a timestamp authority would hold up checkpoints here");
    }
  }

  @Override
  public void open(OpenContext context) throws Exception {
    super.open(context);
    signing =
        new ModelSigning(
            runId,
            settings,
            SigningMetrics.in(getRuntimeContext().getMetricGroup()),
            LONGEST_WAIT,
            stallTimeout);
  }

  @Override
  public void finish(AssembledModel model, ModelResult result) throws Exception {
    if (signing == null) {
      throw new IllegalStateException("used before open()");
    }
    Manifest manifest = ModelSigning.manifest(model, result);
    // The manifest holds the same; of a million files both do not fit beside the bundle.
    model.setDigests(List.of());
    signing.sign(manifest, model.getHeader(), result);
  }

  @Override
  public ReplacedBundles replaced() {
    return replaced;
  }

  @Override
  void ended(ModelResult result) {
    replaced.add(result);
  }

  @Override
  public void close() throws Exception {
    if (signing != null) {
      signing.close();
    }
    replaced.close();
  }
}
