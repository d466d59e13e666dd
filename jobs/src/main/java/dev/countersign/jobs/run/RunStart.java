package dev.countersign.jobs.run;

import dev.countersign.jobs.cluster.ClusterEngine;
import dev.countersign.options.UsageException;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.signals.RunSession;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Which run a process does, and where it begins.
 *
 * @param runId identifies the run
 * @param session see {@link dev.countersign.source.ModelSource}: a crash does not end it, the user
 *     does
 * @param started when the run was first started
 * @param again whether it may have been begun before
 * @param checkpoints URI of the folder for checkpoints, in Flink's form; empty for a temporary one,
 *     or the cluster's
 * @param parallelism with how many slots, if the user says nothing else; 0 if nothing is known
 * @param keepsCheckpoints whether the run can go on later
 * @param resumeFrom URI of the checkpoint to resume from; empty to begin
 * @param committed how many results the run had committed before
 * @param command what the command does, if the run can resume; no part otherwise
 */
record RunStart(
    String runId,
    RunSession session,
    Instant started,
    boolean again,
    String checkpoints,
    int parallelism,
    boolean keepsCheckpoints,
    String resumeFrom,
    long committed,
    CommandFingerprint command) {

  /** A run that cannot go on later by itself. */
  static RunStart anew(
      String runId, String checkpoints, boolean again, CommandFingerprint command) {
    return new RunStart(
        runId,
        new RunSession(UUID.randomUUID().toString()),
        Clock.systemUTC().instant(),
        again,
        checkpoints,
        0,
        false,
        "",
        0,
        command);
  }

  /**
   * Requires that a run in this process goes on by its state, and one on a cluster by Flink's
   * checkpoints.
   *
   * @param watch whether the run is a watch, which has to go on by one of them
   * @param state whether a folder for the state was given
   * @param named whether the run's id was given
   * @throws UsageException if not
   */
  static void requireOneWay(
      Optional<ClusterEngine> cluster, boolean watch, boolean state, boolean named) {
    if (cluster.isEmpty() && watch && !state) {
      throw new UsageException(
          "--watch needs --state DIR: a local folder from which the same command goes on, so that"
              + " no model is done twice or forgotten.");
    }
    if (cluster.isPresent() && state) {
      throw new UsageException(
          "--state is for runs in the process itself. On a cluster Flink keeps the state: set"
              + " execution.checkpointing.externalized-checkpoint-retention to"
              + " RETAIN_ON_CANCELLATION, and go on with flink run -s CHECKPOINT.");
    }
    if (cluster.isEmpty() && named) {
      throw new UsageException(
          "--run-id is for a cluster, where flink run -s goes on with a run. In the process itself"
              + " a run goes on with --state.");
    }
    if (cluster.isPresent() && cluster.get().isRestored() && !named) {
      throw new UsageException(
          "flink run -s goes on with a run. Give its --run-id, which is in the names of its"
              + " results: results-ID-... and run-ID.json.");
    }
    // A main method in a job manager runs once more when that starts again.
    if (named && !cluster.orElseThrow().isRestored() && !cluster.get().isInJobManager()) {
      throw new UsageException(
          "--run-id names a run to go on with: that needs flink run -s CHECKPOINT, too.");
    }
  }
}
