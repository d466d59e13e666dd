package dev.countersign.jobs.state;

import dev.countersign.source.checkpoint.CommandFingerprint;
import java.time.Instant;
import java.util.Optional;

/**
 * What a state folder says of its run.
 *
 * @param runId identifies the run in results and in file names
 * @param started when the run was first started
 * @param attempt how often it was started, from 1
 * @param stops how often the user stopped it, in good order
 * @param parallelism with how many slots
 * @param models how many models it has
 * @param command what it does
 * @param finished how it ended; empty if it has not
 */
public record SavedRun(
    String runId,
    Instant started,
    int attempt,
    int stops,
    int parallelism,
    long models,
    CommandFingerprint command,
    Optional<Finished> finished) {

  /**
   * How a run ended.
   *
   * @param at when
   * @param exitCode what the process said
   */
  public record Finished(Instant at, int exitCode) {}

  /** Returns the run as it is once it is started again. */
  public SavedRun again(int newParallelism) {
    return new SavedRun(
        runId, started, attempt + 1, stops, newParallelism, models, command, Optional.empty());
  }

  /** Returns the run as it is when the user stops it. */
  public SavedRun stopped() {
    return new SavedRun(runId, started, attempt, stops + 1, parallelism, models, command, finished);
  }

  /** Returns the run as it is when it has ended. */
  public SavedRun ended(Instant at, int exitCode) {
    return new SavedRun(
        runId,
        started,
        attempt,
        stops,
        parallelism,
        models,
        command,
        Optional.of(new Finished(at, exitCode)));
  }
}
