package dev.countersign.jobs.cluster;

import dev.countersign.jobs.execution.Engine;
import dev.countersign.jobs.execution.EngineFigures;
import dev.countersign.jobs.execution.JobConfiguration;
import dev.countersign.jobs.execution.RunFailedException;
import dev.countersign.jobs.pipeline.CatalogPipeline;
import dev.countersign.jobs.pipeline.RunPlan;
import dev.countersign.pipeline.Stage;
import dev.countersign.source.ModelSource;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.text.Printable;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;
import org.apache.flink.runtime.state.filesystem.FsCompletedCheckpointStorageLocation;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraphHasherV2;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.concurrent.FutureUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a plan on the cluster that the process was started for, with the settings it has. */
public final class ClusterEngine implements Engine {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterEngine.class);

  /** The deployment target of a main method that runs inside a job manager. */
  private static final String IN_JOB_MANAGER = "embedded";

  private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(15);

  private final StreamExecutionEnvironment env;
  private final Kind kind;

  private ClusterEngine(StreamExecutionEnvironment env) {
    this.env = env;
    this.kind = kindOf(env);
  }

  /**
   * Returns the engine of the cluster that this process was started for; empty if it was started
   * for none, as from a shell.
   */
  public static Optional<ClusterEngine> ofThisProcess() {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    return env instanceof LocalStreamEnvironment ? Optional.empty() : Optional.of(of(env));
  }

  /** Returns the engine of an environment's cluster. */
  public static ClusterEngine of(StreamExecutionEnvironment env) {
    return new ClusterEngine(env);
  }

  /** Tells whether this process is the job manager, which must not be ended from here. */
  public boolean isInJobManager() {
    return target(env).equals(IN_JOB_MANAGER);
  }

  /** Tells whether the run goes on from a checkpoint of Flink's, as under {@code flink run -s}. */
  public boolean isRestored() {
    return env.getConfiguration().getOptional(StateRecoveryOptions.SAVEPOINT_PATH).isPresent();
  }

  /** Tells whether it is known where checkpoints go. */
  public boolean hasCheckpointFolder() {
    return env.getConfiguration()
        .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
        .filter(folder -> !folder.isBlank())
        .isPresent();
  }

  /**
   * Returns what command the checkpoint is of that the run resumes from.
   *
   * @return empty if there is none, or it cannot be read here: then the job manager compares
   */
  public Optional<CommandFingerprint> resumedCommand() {
    Optional<String> checkpoint =
        env.getConfiguration().getOptional(StateRecoveryOptions.SAVEPOINT_PATH);
    if (checkpoint.isEmpty()) {
      return Optional.empty();
    }
    try {
      return command(checkpoint.get());
    } catch (IOException | RuntimeException e) {
      LOG.info("The checkpoint {} cannot be read here", Printable.of(checkpoint.get()), e);
      return Optional.empty();
    }
  }

  /**
   * Returns what command a checkpoint is of.
   *
   * @param pointer URI of its folder or of its metadata, as for {@code flink run -s}
   * @return empty if it is not of a run of this program
   */
  private static Optional<CommandFingerprint> command(String pointer) throws IOException {
    FsCompletedCheckpointStorageLocation location =
        AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(pointer);
    OperatorID models =
        new OperatorID(StreamGraphHasherV2.generateUserSpecifiedHash(Stage.MODELS.uid()));
    try (DataInputStream in = new DataInputStream(location.getMetadataHandle().openInputStream())) {
      for (OperatorState operator :
          Checkpoints.loadCheckpointMetadata(in, ClusterEngine.class.getClassLoader(), pointer)
              .getOperatorStates()) {
        ByteStreamStateHandle coordinator = operator.getCoordinatorState();
        if (operator.getOperatorID().equals(models) && coordinator != null) {
          return Optional.of(enumerator(coordinator.getData()));
        }
      }
    }
    return Optional.empty();
  }

  /** Flink's own version, the serializer's version, and what the serializer wrote. */
  private static CommandFingerprint enumerator(byte[] coordinator) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(coordinator))) {
      int unused = in.readInt();
      int version = in.readInt();
      int length = in.readInt();
      if (length < 0 || length > in.available()) {
        throw new IOException("the state of the source is cut off");
      }
      return ModelSource.commandOf(version, in.readNBytes(length));
    }
  }

  private static String target(StreamExecutionEnvironment env) {
    return env.getConfiguration().getOptional(DeploymentOptions.TARGET).orElse("");
  }

  private static Kind kindOf(StreamExecutionEnvironment env) {
    boolean attached = env.getConfiguration().get(DeploymentOptions.ATTACHED);
    if (target(env).equals(IN_JOB_MANAGER)) {
      return attached ? Kind.APPLICATION : Kind.DETACHED;
    }
    return attached ? Kind.ATTACHED : Kind.DETACHED;
  }

  /**
   * Sets what the run asks of Flink.
   *
   * @param parallelism as the cluster is set up if empty
   * @param checkpointFolder URI; the cluster's own setting if empty
   */
  public void configure(
      OptionalInt parallelism, Duration checkpointInterval, String checkpointFolder) {
    Configuration job = JobConfiguration.of(checkpointInterval, checkpointFolder);
    if (env.getConfiguration().getOptional(RestartStrategyOptions.RESTART_STRATEGY).isEmpty()) {
      endsWhenItCannotStart(job);
    }
    env.configure(job, ClusterEngine.class.getClassLoader());
    parallelism.ifPresent(env::setParallelism);
  }

  /**
   * Ends a run that fails right after each restart, as with too few network buffers, after about
   * two minutes. By Flink's defaults, it would never end. One that is up for a minute has as many
   * restarts again.
   */
  private static void endsWhenItCannotStart(Configuration job) {
    job.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    job.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
        Duration.ofSeconds(10));
    job.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
        Duration.ofMinutes(1));
    job.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, 15);
  }

  @Override
  public Kind kind() {
    return kind;
  }

  /** Empty: metrics stay on the task managers, so results alone tell. */
  @Override
  public Optional<EngineFigures> figures() {
    return Optional.empty();
  }

  @Override
  public void run(RunPlan plan) throws RunFailedException, InterruptedException {
    CatalogPipeline.build(env, plan);
    JobClient job = submit(plan);
    if (kind == Kind.DETACHED) {
      LOG.info("Submitted job {}", job.getJobID());
      return;
    }
    try {
      var unused = job.getJobExecutionResult().get();
    } catch (InterruptedException e) {
      cancel(job);
      throw e;
    } catch (ExecutionException e) {
      throw isContactLost(e)
          ? new RunFailedException("no contact", contactLost(job, e))
          : new RunFailedException("the job failed", e.getCause() == null ? e : e.getCause());
    }
  }

  private static boolean isContactLost(ExecutionException failure) {
    return ExceptionUtils.findThrowable(failure, ConnectException.class).isPresent()
        || ExceptionUtils.findThrowable(failure, FutureUtils.RetryException.class).isPresent();
  }

  /** What was lost is the sight of the job, not the job. */
  private static IOException contactLost(JobClient job, ExecutionException failure) {
    LOG.error("No contact with the job manager of {}", job.getJobID(), failure);
    return new IOException(
        "no contact with the job manager; job " + job.getJobID() + " may still be running there");
  }

  private JobClient submit(RunPlan plan) throws RunFailedException {
    String operation = plan.plan().operation().name().toLowerCase(Locale.ROOT);
    try {
      return env.executeAsync("countersign " + operation + " " + plan.runId());
    } catch (Exception e) {
      throw new RunFailedException("the job could not be submitted", e);
    }
  }

  private static void cancel(JobClient job) {
    try {
      var unused = job.cancel().get(CANCEL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      LOG.warn("The job {} could not be cancelled", job.getJobID(), e);
    }
  }
}
