package dev.countersign.jobs.pipeline;

import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.watch.WatchedModels;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.sink.ResultSettings;
import dev.countersign.source.ModelSource;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.stage.SignSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a run is: what to work on, what to do, and where results go. Holds no secret.
 *
 * @param runId identifies the run in results and in file names: letters, digits and hyphens
 * @param session what a disappeared process is judged within, as {@link ModelSource} takes it
 * @param started when the run first started, in milliseconds since the epoch
 * @param again whether the run may have been begun before, by a process that was lost
 * @param entries what to work on
 * @param command what the command does; only the same one resumes from the run's checkpoints
 * @param plan what is done with each model
 * @param window how much is planned ahead
 * @param read how readers read
 * @param faults what is done about faults
 * @param signing how models are signed; present exactly if the operation is SIGN or RESIGN
 * @param results where results go
 * @param runRecord URI of the record that closes the run; empty for none
 * @param recordedOptions the run's options as {@code name=value}, without secrets
 * @param version this program's version, for the run record
 */
public record RunPlan(
    String runId,
    RunSession session,
    long started,
    boolean again,
    CatalogSource entries,
    CommandFingerprint command,
    PlanSettings plan,
    WindowSettings window,
    ReadSettings read,
    FaultSettings faults,
    @Nullable SignSettings signing,
    ResultSettings results,
    String runRecord,
    List<String> recordedOptions,
    String version) {

  /** Copies the list. */
  public RunPlan {
    recordedOptions = List.copyOf(recordedOptions);
  }

  /** Tells whether the run goes on for ever, with models that come and go. */
  public boolean isWatch() {
    return entries instanceof WatchedModels;
  }
}
