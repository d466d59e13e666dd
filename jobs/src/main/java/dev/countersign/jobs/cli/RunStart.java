package dev.countersign.jobs.cli;

import java.time.Clock;
import java.time.Instant;

/**
 * Which run a process does, and where it begins.
 *
 * @param runId identifies the run
 * @param started when the run was first started
 * @param checkpoints URI of the folder for checkpoints, in Flink's form; empty for a temporary one,
 *     or the cluster's
 * @param parallelism with how many slots, if the user says nothing else; 0 if nothing is known
 * @param keepsCheckpoints whether the run can go on later
 * @param goOn URI of the checkpoint to go on from; empty to begin
 * @param committed how many results the run had committed before
 */
record RunStart(
    String runId,
    Instant started,
    String checkpoints,
    int parallelism,
    boolean keepsCheckpoints,
    String goOn,
    long committed) {

  /** A run that cannot go on later by itself. */
  static RunStart anew(String runId, String checkpoints) {
    return new RunStart(runId, Clock.systemUTC().instant(), checkpoints, 0, false, "", 0);
  }
}
