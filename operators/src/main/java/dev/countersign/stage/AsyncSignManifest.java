package dev.countersign.stage;

import dev.countersign.metrics.SigningMetrics;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.RangeDigest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * As {@link SignManifest}, but for signatures that wait on a network: many at a time, on threads of
 * their own, bounded in number and in memory. A checkpoint waits while there is no room for another
 * model; each wait is bounded by {@link dev.countersign.signing.TimestampSettings#timeout}, and by
 * a minute for a bundle that cannot be written yet.
 */
public final class AsyncSignManifest extends RichAsyncFunction<AssembledModel, ModelResult>
    implements ReplacedBundles.Stage {

  /** How many models are being signed at a time; the capacity that the operator is given. */
  public static final int IN_FLIGHT = 32;

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(AsyncSignManifest.class);

  /** How much memory the manifests of those models may take, in KiB; a larger one goes alone. */
  private static final int MAX_KIB = 256 << 10;

  /** What a digest takes beside its name as a record, a resource and JSON, in bytes; about. */
  private static final int BYTES_OF_DIGEST = 512;

  /** How often a name is held: in the record, the manifest, the statement and the bundle. */
  private static final int COPIES_OF_NAME = 6;

  /** How long signatures that are under way may take to notice that the stage is closed. */
  private static final long MAX_CLOSING_SECONDS = 10;

  /** How long a write may wait in all before it is tried again. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  private final String runId;
  private final SignSettings settings;
  private final Duration stallTimeout;
  private final ReplacedBundles replaced;

  private transient @Nullable ModelResults results;
  private transient @Nullable ModelSigning signing;
  private transient @Nullable ExecutorService threads;
  private transient @Nullable Semaphore memory;

  /**
   * A stage of the run {@code runId}.
   *
   * @param stallTimeout how long listing a model again may make no progress
   */
  public AsyncSignManifest(String runId, SignSettings settings, Duration stallTimeout) {
    this.runId = runId;
    this.settings = settings;
    this.stallTimeout = stallTimeout;
    this.replaced = new ReplacedBundles(runId);
  }

  @Override
  public void open(OpenContext context) throws Exception {
    results = new ModelResults(runId, getRuntimeContext());
    signing =
        new ModelSigning(
            runId,
            settings,
            SigningMetrics.in(getRuntimeContext().getMetricGroup()),
            LONGEST_WAIT,
            stallTimeout);
    threads =
        Executors.newFixedThreadPool(IN_FLIGHT, new ExecutorThreadFactory("countersign-sign"));
    memory = new Semaphore(MAX_KIB, true);
  }

  @Override
  public ReplacedBundles replaced() {
    return replaced;
  }

  @Override
  public void asyncInvoke(AssembledModel model, ResultFuture<ModelResult> result)
      throws InterruptedException {
    if (results == null || signing == null || threads == null || memory == null) {
      throw new IllegalStateException("used before open()");
    }
    ModelResults all = results;
    ModelSigning signer = signing;
    Semaphore room = memory;
    int needed = kib(model);
    room.acquire(needed);
    threads.execute(
        () -> {
          try {
            // The model is left as it is: it belongs to the operator's state until this is back.
            ModelResult made =
                all.of(
                    model,
                    (whole, filled) ->
                        signer.sign(
                            ModelSigning.manifest(whole, filled), whole.getHeader(), filled));
            replaced.add(made);
            result.complete(List.of(made));
          } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
          } finally {
            room.release(needed);
          }
        });
  }

  private static int kib(AssembledModel model) {
    long bytes = 0;
    for (RangeDigest digest : model.getDigests()) {
      bytes += BYTES_OF_DIGEST + (long) COPIES_OF_NAME * digest.getName().length();
    }
    return (int) Math.min(MAX_KIB, 1 + (bytes >> 10));
  }

  @Override
  public void close() throws Exception {
    if (threads != null) {
      threads.shutdownNow();
      // Another attempt may write the same bundles as soon as this one is closed.
      if (!threads.awaitTermination(MAX_CLOSING_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("Signatures are still under way");
      }
    }
    if (signing != null) {
      signing.close();
    }
    replaced.close();
  }
}
