package dev.countersign.jobs.execution;

import dev.countersign.jobs.pipeline.RunPlan;
import java.util.Optional;

/** What runs a plan: a cluster in this process, or one elsewhere. Used for one run. */
public interface Engine {

  /**
   * Runs a plan and waits for its end, unless the engine is {@link Kind#DETACHED}.
   *
   * <p>An interrupt cancels the run; when this returns, nothing of it goes on.
   *
   * @throws RunFailedException if the run broke; results that it committed before are valid
   * @throws InterruptedException if the thread was interrupted
   */
  void run(RunPlan plan) throws RunFailedException, InterruptedException;

  /** Returns how this engine's runs end. */
  Kind kind();

  /** Returns how far the run is by the engine's own count; empty if it cannot be seen from here. */
  Optional<EngineFigures> figures();

  /** How a run ends. */
  enum Kind {
    /** In this process, with results on this machine. */
    EMBEDDED,
    /** On a cluster; this process waits. */
    ATTACHED,
    /** On a cluster, where this process is the job manager, which must not exit by itself. */
    APPLICATION,
    /** On a cluster; this process ends once the run is handed over. */
    DETACHED
  }
}
