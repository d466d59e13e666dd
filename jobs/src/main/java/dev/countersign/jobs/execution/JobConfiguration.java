package dev.countersign.jobs.execution;

import java.time.Duration;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.CheckpointingMode;

/**
 * What every run asks of Flink, wherever it runs. What results depend on is set here and not left
 * to a cluster's defaults: in batch mode, without exactly-once checkpoints or without one after the
 * last task has finished, results would be lost or appear twice.
 */
public final class JobConfiguration {

  /**
   * Interval of checkpoints once all input is read, and the pause after one. Flink takes one
   * checkpoint as soon as all tasks are at the end of their input, and never repeats it: if it
   * fails, the run waits for the next periodic one. It fails if an earlier checkpoint was in
   * progress at the end of the input, since tasks for which that one was the last decline another.
   * While there is input, the source reports a backlog, and the user's interval applies.
   */
  private static final Duration FINAL_INTERVAL = Duration.ofSeconds(2);

  /** Far beyond what a stage may wait for. */
  private static final Duration TIMEOUT = Duration.ofMinutes(30);

  private static final int TOLERATED_FAILURES = 1_000;

  private JobConfiguration() {}

  /**
   * Returns the settings of a run.
   *
   * @param checkpointInterval how often results are committed
   * @param checkpointFolder URI of the folder for checkpoints; empty: the cluster's own setting
   */
  public static Configuration of(Duration checkpointInterval, String checkpointFolder) {
    Configuration job = new Configuration();
    job.set(PipelineOptions.OBJECT_REUSE, true);
    job.set(PipelineOptions.GENERIC_TYPES, false);
    job.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.STREAMING);
    job.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
    job.set(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH, true);
    Duration shortest =
        checkpointInterval.compareTo(FINAL_INTERVAL) < 0 ? checkpointInterval : FINAL_INTERVAL;
    job.set(CheckpointingOptions.CHECKPOINTING_INTERVAL_DURING_BACKLOG, checkpointInterval);
    job.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, shortest);
    job.set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, shortest);
    job.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, TIMEOUT);
    job.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, TOLERATED_FAILURES);
    // The job manager's memory is too small for the state.
    job.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    if (!checkpointFolder.isEmpty()) {
      job.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpointFolder);
    }
    return job;
  }
}
