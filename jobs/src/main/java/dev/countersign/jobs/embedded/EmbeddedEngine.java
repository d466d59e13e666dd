package dev.countersign.jobs.embedded;

import dev.countersign.jobs.execution.Engine;
import dev.countersign.jobs.execution.EngineFigures;
import dev.countersign.jobs.execution.JobConfiguration;
import dev.countersign.jobs.execution.RunFailedException;
import dev.countersign.jobs.pipeline.CatalogPipeline;
import dev.countersign.jobs.pipeline.RunPlan;
import dev.countersign.text.Printable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a plan on a Flink cluster in this process, which lives as long as the run. */
public final class EmbeddedEngine implements Engine {

  /**
   * Settings of the cluster in this process.
   *
   * @param folder where it keeps what it needs while it runs; the caller deletes it
   * @param parallelism how many slots it has
   * @param checkpointInterval how often results are committed
   * @param checkpointFolder URI of the folder for checkpoints; empty: within {@code folder}
   * @param keepsCheckpoints whether checkpoints stay when the run is stopped or breaks, and an
   *     interrupt takes one more
   * @param resumeFrom URI of the checkpoint to resume from; empty to begin
   */
  public record Settings(
      Path folder,
      int parallelism,
      Duration checkpointInterval,
      String checkpointFolder,
      boolean keepsCheckpoints,
      String resumeFrom) {}

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedEngine.class);

  private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(10);

  /** With the one above, less than what a process that is asked to end has. */
  private static final Duration CHECKPOINT_TIMEOUT = Duration.ofSeconds(8);

  /** So that one is left if the newest is damaged. */
  private static final int KEPT_CHECKPOINTS = 2;

  private final Settings settings;

  private volatile Optional<MetricBoard> board = Optional.empty();

  /** An engine; its cluster is started by {@link #run}. */
  public EmbeddedEngine(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Kind kind() {
    return Kind.EMBEDDED;
  }

  @Override
  public Optional<EngineFigures> figures() {
    return board.map(MetricBoard::figures);
  }

  /** Returns the metrics of the run as of now, as {@link MetricsPage} has them. Any thread. */
  public String metricsPage() {
    return MetricsPage.of(board.orElseGet(MetricBoard::new));
  }

  @Override
  public void run(RunPlan plan) throws RunFailedException, InterruptedException {
    // What Snappy unpacks here is run as code: nobody else may write to it, whatever the umask.
    System.getProperties().putIfAbsent("org.xerial.snappy.tempdir", settings.folder().toString());
    board = Optional.of(MetricBoard.named(plan.runId()));
    Configuration configuration = EmbeddedConfiguration.of(settings, plan.runId());
    try (MiniCluster cluster = new EmbeddedCluster(miniCluster(configuration))) {
      StreamGraph graph = graph(plan);
      await(cluster, undisturbed(() -> submit(cluster, graph)), plan.isWatch());
    } catch (InterruptedException e) {
      throw e;
    } catch (ExecutionException e) {
      throw new RunFailedException("the run ended early", e.getCause() == null ? e : e.getCause());
    } catch (RunFailedException e) {
      throw e;
    } catch (Exception e) {
      throw new RunFailedException("Flink failed inside this process", e);
    } finally {
      MetricBoard.forget(plan.runId());
    }
  }

  private JobID submit(MiniCluster cluster, StreamGraph graph) throws Exception {
    cluster.start();
    JobGraph job = graph.getJobGraph();
    if (!settings.resumeFrom().isEmpty()) {
      job.setSavepointRestoreSettings(
          SavepointRestoreSettings.forPath(
              settings.resumeFrom(), false, RecoveryClaimMode.NO_CLAIM));
    }
    return cluster.submitJob(job).get().getJobID();
  }

  /**
   * Does something on a thread of its own and waits for it to the end, so that an interrupt does
   * not hit Flink while it starts: it would be told as a fault, with a stack trace on standard
   * error.
   *
   * @throws InterruptedException if the calling thread was interrupted meanwhile
   */
  private static <T> T undisturbed(Callable<T> action)
      throws ExecutionException, InterruptedException {
    FutureTask<T> task = new FutureTask<>(action);
    CompletableFuture<Void> done =
        CompletableFuture.runAsync(task, run -> new Thread(run, "start").start());
    var unused = done.join();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return task.get();
  }

  private StreamGraph graph(RunPlan plan) throws Exception {
    Configuration job =
        JobConfiguration.of(
            settings.checkpointInterval(), EmbeddedConfiguration.checkpointFolder(settings));
    if (settings.keepsCheckpoints()) {
      job.set(
          CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
          ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
      job.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, KEPT_CHECKPOINTS);
    }
    try (StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(settings.parallelism(), job)) {
      CatalogPipeline.build(env, plan);
      return env.getStreamGraph();
    }
  }

  private MiniClusterConfiguration miniCluster(Configuration configuration) {
    configuration.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, KEPT_CHECKPOINTS);
    return new MiniClusterConfiguration.Builder()
        .setConfiguration(configuration)
        .setNumTaskManagers(1)
        .setNumSlotsPerTaskManager(settings.parallelism())
        .setCommonBindAddress(EmbeddedConfiguration.LOOPBACK)
        .build();
  }

  private void await(MiniCluster cluster, JobID job, boolean isWatch)
      throws InterruptedException, ExecutionException, RunFailedException {
    JobResult result;
    try {
      result = cluster.requestJobResult(job).get();
    } catch (InterruptedException e) {
      if (!(isWatch && stopped(cluster, job))) {
        if (settings.keepsCheckpoints()) {
          takeCheckpoint(cluster, job);
        }
        cancel(cluster, job);
      }
      throw e;
    }
    if (!result.isSuccess()) {
      Throwable failure =
          result
              .getSerializedThrowable()
              .<Throwable>map(
                  thrown -> thrown.deserializeError(EmbeddedEngine.class.getClassLoader()))
              .orElseGet(() -> new IllegalStateException("the run was cancelled from outside"));
      throw new RunFailedException("the run ended early", failure);
    }
  }

  /** Ends the run with all results committed and a savepoint to go on from; false if it cannot. */
  private boolean stopped(MiniCluster cluster, JobID job) {
    try {
      String savepoint =
          cluster
              .stopWithSavepoint(
                  job,
                  EmbeddedConfiguration.checkpointFolder(settings),
                  false,
                  SavepointFormatType.CANONICAL)
              .get(CHECKPOINT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      LOG.info("Stopped with {}", Printable.of(savepoint));
      return true;
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      LOG.warn("The run could not be stopped with a savepoint", e);
      return false;
    }
  }

  /** Keeps what was done since the last checkpoint, if that does not take too long. */
  private static void takeCheckpoint(MiniCluster cluster, JobID job) {
    try {
      long number =
          cluster
              .triggerCheckpoint(job, CheckpointType.CONFIGURED)
              .get(CHECKPOINT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      LOG.info("Took checkpoint {} before the run is stopped", number);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      LOG.warn("No checkpoint could be taken now; the run goes on from the one before", e);
    }
  }

  /** Cancels, so that tasks end in good order, and waits a while for that. */
  private static void cancel(MiniCluster cluster, JobID job) {
    try {
      cluster
          .cancelJob(job)
          .thenCompose(acknowledged -> cluster.requestJobResult(job))
          .get(CANCEL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      LOG.warn("The run could not be cancelled in good order; the cluster is shut down", e);
    }
  }
}
