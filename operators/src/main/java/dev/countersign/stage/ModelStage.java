package dev.countersign.stage;

import dev.countersign.metrics.ResultMetrics;
import dev.countersign.metrics.SigningMetrics;
import dev.countersign.oms.OmsException;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.sink.WritePermit;
import dev.countersign.source.planning.ListingCheck;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.source.pool.ProcessBudget;
import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.StoreSettings;
import dev.countersign.text.Printable;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.util.IOUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one result of each model: signs, verifies or digests it, and writes its bundle. Many models
 * at a time, on threads of their own, bounded in number and in memory.
 *
 * <p>A checkpoint waits while there is no room for another model. So what makes no progress for the
 * stall timeout is given up, and its thread replaced; all other waits have bounds of their own. A
 * write that was given up never lets its bundle appear, unless that was about to: then the result
 * says so.
 *
 * <p>A private key is loaded when the stage opens; one that cannot be loaded ends the job at once,
 * not each model.
 */
public final class ModelStage extends RichAsyncFunction<AssembledModel, ModelResult>
    implements ReplacedBundles.Stage {

  /** How many models one subtask works on at a time, unless signing needs more. */
  public static final int IN_PROGRESS = 32;

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(ModelStage.class);

  /** Checkpoints wait no longer than this for something that hangs. */
  private static final Duration LONGEST_STALL = Duration.ofMinutes(10);

  /** How long bundles that are about to appear may take to do so when the stage is closed. */
  private static final Duration CLOSING = Duration.ofSeconds(10);

  /** What a digest takes beside its name as a record, a resource and JSON, in bytes; about. */
  private static final int BYTES_OF_ENTRY = 512;

  /** How often a name is held: in the record, the manifest, the statement and the bundle. */
  private static final int COPIES_OF_NAME = 6;

  /** Unit of the budget for manifests, in bytes. */
  private static final int KIB = 1 << 10;

  /**
   * Memory for the manifests of all models in progress, in all jobs of this process, in KiB. A
   * model that needs more takes all of it.
   */
  private static final int MAX_KIB =
      (int) Math.min(256 << 10, Runtime.getRuntime().maxMemory() / KIB / 4);

  private static final Semaphore MEMORY = ProcessBudget.of("manifest.memory", KIB, MAX_KIB);

  private final String runId;
  private final Operation operation;
  private final @Nullable SignSettings signing;
  private final FaultSettings faults;
  private final Duration stallTimeout;
  private final ReplacedBundles replaced;

  @SuppressWarnings("UnusedVariable") // It acts where it is read from the job.
  private final StoreSettings stores = StoreSettings.current();

  private transient @Nullable ModelResults results;
  private transient @Nullable Decider decider;
  private transient @Nullable GuardedPool<ModelResult> threads;
  private transient @Nullable Set<Request> requests;

  /**
   * A stage of the run {@code runId}.
   *
   * @param signing how models are signed; null if {@code operation} does not sign
   * @param stallTimeout how long a model may make no progress
   * @throws IllegalArgumentException if the operation is unknown, or lacks {@code signing}
   */
  public ModelStage(
      String runId,
      Operation operation,
      @Nullable SignSettings signing,
      FaultSettings faults,
      Duration stallTimeout) {
    boolean signs = operation == Operation.SIGN || operation == Operation.RESIGN;
    if (operation == Operation.UNKNOWN || (signs && signing == null)) {
      throw new IllegalArgumentException("cannot decide without a key: " + operation);
    }
    this.runId = runId;
    this.operation = operation;
    this.signing = signs ? signing : null;
    this.faults = faults;
    this.stallTimeout = stallTimeout.compareTo(LONGEST_STALL) < 0 ? stallTimeout : LONGEST_STALL;
    this.replaced = new ReplacedBundles(runId);
  }

  @Override
  public void open(OpenContext context) throws Exception {
    Retries retries = new Retries(faults, stallTimeout);
    int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
    results = new ModelResults(runId, new ResultMetrics(getRuntimeContext().getMetricGroup()));
    decider =
        signing == null
            ? new ContentDecider(operation, retries)
            : new ModelSigning(
                runId,
                signing,
                getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(),
                subtasks,
                SigningMetrics.in(getRuntimeContext().getMetricGroup()),
                retries);
    threads = new GuardedPool<>("countersign-decide", inProgress(signing, subtasks), stallTimeout);
    requests = ConcurrentHashMap.newKeySet();
  }

  /**
   * Returns how many models each of several subtasks works on at a time; the capacity that their
   * operator is given.
   *
   * @param signing how models are signed; null if they are not
   */
  public static int inProgress(@Nullable SignSettings signing, int subtasks) {
    int wanted = signing == null ? 0 : signing.concurrency().orElse(0);
    // While services are asked about some, those that they answered are verified and written.
    return Math.max(IN_PROGRESS, 2 * ((wanted + subtasks - 1) / subtasks));
  }

  @Override
  public ReplacedBundles replaced() {
    return replaced;
  }

  @Override
  public void asyncInvoke(AssembledModel model, ResultFuture<ModelResult> future)
      throws InterruptedException {
    if (results == null || decider == null || threads == null || requests == null) {
      throw new IllegalStateException("used before open()");
    }
    Request request = new Request(model, future, results, decider, requests);
    if (model.getVerdict() != null) {
      request.done(request.decide());
      return;
    }
    MEMORY.acquire(request.kib);
    requests.add(request);
    threads.submit(
        model.getHeader().getModel(),
        request::decide,
        request::stalled,
        request::done,
        request::broken);
  }

  private static int kib(AssembledModel model) {
    long bytes = 0;
    for (RangeDigest digest : model.getDigests()) {
      bytes += BYTES_OF_ENTRY + (long) COPIES_OF_NAME * digest.getName().length();
    }
    for (Difference difference : model.getDifferences()) {
      bytes += BYTES_OF_ENTRY + difference.getName().length() + difference.getDetail().length();
    }
    return (int) Math.min(MAX_KIB, 1 + bytes / KIB);
  }

  @Override
  public void close() throws Exception {
    IOUtils.closeAll(this::abandon, decider, replaced);
  }

  /** Another attempt may write the same bundles as soon as this one is closed. */
  private void abandon() throws InterruptedException {
    if (threads == null || requests == null) {
      return;
    }
    for (Request request : requests) {
      boolean unused = request.permit.withdraw();
    }
    threads.close();
    long deadline = System.nanoTime() + CLOSING.toNanos();
    for (Request request : requests) {
      request.end();
      if (!request.permit.awaitUsed(deadline - System.nanoTime())) {
        LOG.warn("{} may still appear", Printable.of(request.model.getHeader().getBundle()));
      }
    }
  }

  /** One model on its way to a result. */
  private final class Request {
    private final AssembledModel model;
    private final ResultFuture<ModelResult> future;
    private final ModelResults results;
    private final Decider decider;
    private final Set<Request> requests;
    private final WritePermit permit;
    private final int kib;
    private volatile @Nullable ModelResult unfinished;

    Request(
        AssembledModel model,
        ResultFuture<ModelResult> future,
        ModelResults results,
        Decider decider,
        Set<Request> requests) {
      this.model = model;
      this.future = future;
      this.results = results;
      this.decider = decider;
      this.requests = requests;
      this.permit = new WritePermit(GuardedPool::progressed);
      this.kib = kib(model);
    }

    ModelResult decide() {
      RequestCounts counts = new RequestCounts();
      try (RequestCounts.Scope scope = counts.scope()) {
        ModelResult result =
            results.of(
                model,
                (whole, begun, write) -> {
                  unfinished = begun;
                  decider.decide(whole, begun, write);
                },
                permit);
        results.sent(result, counts.byKind());
        return result;
      }
    }

    /** The result of a model that is given up; called by the watchdog. */
    ModelResult stalled() {
      ModelFailure failure =
          permit.withdraw()
              ? ModelFailure.stalledRename(model.getHeader().getBundle(), stallTimeout)
              : ModelFailure.stalledDecision(model.getHeader().getModel(), stallTimeout);
      ModelResult result = results.failed(model, failure);
      ModelResult hanging = unfinished;
      if (hanging != null) {
        result.setAttempt(hanging.getAttempt());
      }
      return result;
    }

    void done(ModelResult result) {
      end();
      results.count(result);
      // Called by the task's thread as it passes the result on: a checkpoint has both, or neither.
      answer(
          () ->
              future.complete(
                  () -> {
                    replaced.add(model.getHeader(), result);
                    return List.of(result);
                  }));
    }

    void broken(Throwable fault) {
      end();
      answer(() -> future.completeExceptionally(fault));
    }

    private void answer(Runnable answer) {
      try {
        answer.run();
      } catch (RejectedExecutionException e) {
        LOG.debug("The task ended before its answer came", e);
      }
    }

    void end() {
      if (requests.remove(this)) {
        MEMORY.release(kib);
      }
    }
  }

  /**
   * Decides whether a model is what was signed, or computes its root digest, and requires that it
   * is still what was read. Signature and statement were checked when the model was planned,
   * content where it was read; what is left of a verification is to look at the differences.
   */
  private record ContentDecider(Operation operation, Retries retries) implements Decider {

    @Override
    public void decide(AssembledModel model, ModelResult result, WritePermit permit)
        throws OmsException, ModelFailure {
      boolean verifies = operation == Operation.VERIFY;
      GuardedPool.bounded();
      if (verifies) {
        ContentCheck.requireSame(model, result);
      } else {
        result.setRootDigest(Manifests.of(model).rootDigest().hex());
      }
      GuardedPool.progressed();
      Object unused =
          retries.call(
              () -> {
                ListingCheck.requireUnchanged(model.getHeader());
                return result;
              },
              () -> result.setAttempt(result.getAttempt() + 1));
      ModelResults.succeed(result, verifies ? Outcome.VERIFIED : Outcome.DIGESTED);
    }
  }
}
