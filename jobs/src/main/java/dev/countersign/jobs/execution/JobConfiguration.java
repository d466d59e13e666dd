package dev.countersign.jobs.execution;

import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;

/** What every run asks of Flink, wherever it runs. */
public final class JobConfiguration {

  /**
   * A checkpoint that overlaps the end of the data makes the last one wait for a whole interval,
   * unless there is a pause between them. It is no longer than the interval, which is what the user
   * asked for.
   */
  private static final Duration MAX_PAUSE = Duration.ofSeconds(10);

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
    job.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
    job.set(
        CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS,
        checkpointInterval.compareTo(MAX_PAUSE) < 0 ? checkpointInterval : MAX_PAUSE);
    job.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, TIMEOUT);
    job.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, TOLERATED_FAILURES);
    if (!checkpointFolder.isEmpty()) {
      job.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
      job.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpointFolder);
    }
    return job;
  }
}
