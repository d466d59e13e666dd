package dev.countersign.jobs.pipeline;

import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.watch.WatchedModels;
import dev.countersign.sink.ResultSettings;
import dev.countersign.source.RunSettings;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.stage.SignSettings;
import dev.countersign.trust.SigstoreFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a run is: what to work on, what to do, and where results go. Holds no secret.
 *
 * @param entries what to work on
 * @param run how models are worked on
 * @param started when the run first started, in milliseconds since the epoch
 * @param signing how models are signed; present exactly if the operation is SIGN or RESIGN
 * @param results where results go
 * @param runRecord URI of the record that closes the run; empty for none
 * @param recordedOptions the run's options as {@code name=value}, without secrets
 * @param sigstore files that describe the Sigstore instance, for the run record; none without one
 * @param version this program's version, for the run record
 */
public record RunPlan(
    CatalogSource entries,
    RunSettings run,
    long started,
    @Nullable SignSettings signing,
    ResultSettings results,
    String runRecord,
    List<String> recordedOptions,
    List<SigstoreFile> sigstore,
    String version) {

  public RunPlan {
    recordedOptions = List.copyOf(recordedOptions);
    sigstore = List.copyOf(sigstore);
  }

  /** What is done with each model. */
  public PlanSettings plan() {
    return run.plan();
  }

  /** Identifies the run in results and in file names: letters, digits and hyphens. */
  public String runId() {
    return plan().runId();
  }

  /** Tells whether the run goes on for ever, with models that come and go. */
  public boolean isWatch() {
    return entries instanceof WatchedModels;
  }
}
