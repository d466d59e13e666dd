package dev.countersign.jobs.run;

import dev.countersign.jobs.execution.Engine;
import dev.countersign.jobs.execution.EngineFigures;
import dev.countersign.jobs.execution.RunFailedException;
import dev.countersign.jobs.pipeline.RunPlan;
import dev.countersign.jobs.results.Following;
import dev.countersign.jobs.results.ResultFollower;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ProgressLine;
import dev.countersign.jobs.terminal.RunFigures;
import dev.countersign.jobs.terminal.RunTally;
import dev.countersign.schemas.ModelResult;
import dev.countersign.source.signals.WatchNotices;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lets an engine run a plan, and shows meanwhile what is committed and how far it is. */
final class RunView {

  private static final Duration LOOKS_EVERY = Duration.ofMillis(200);

  /** Nobody waits for the end of a watch, and its folder of results grows. */
  private static final Duration WATCH_LOOKS_EVERY = Duration.ofSeconds(1);

  private final Console console;
  private final Consumer<ModelResult> printer;
  private final boolean quiet;
  private final long earlier;
  private final RunTally tally = new RunTally();

  /**
   * A view.
   *
   * @param earlier how many results the run had committed before it was started again
   */
  RunView(Console console, Consumer<ModelResult> printer, boolean quiet, long earlier) {
    this.console = console;
    this.printer = printer;
    this.quiet = quiet;
    this.earlier = earlier;
  }

  /** Returns what has been committed and shown. */
  RunTally tally() {
    return tally;
  }

  /**
   * Runs a plan to its end.
   *
   * @throws RunFailedException if the run broke; what it had committed has been shown
   * @throws InterruptedException if it was stopped; what it had committed has been shown
   */
  void run(Engine engine, RunPlan plan) throws RunFailedException, InterruptedException {
    ResultFollower follower = follower(plan.results().folder(), plan.runId());
    if (plan.isWatch()) {
      passOver(follower);
    }
    RunFailedException failure = null;
    WatchNotices.listen(plan.runId(), notice -> console.say("countersign: " + notice));
    Duration interval = plan.isWatch() ? WATCH_LOOKS_EVERY : LOOKS_EVERY;
    try (Following following = follower.follow(interval);
        ProgressLine progress = quiet ? null : progress(engine, plan)) {
      engine.run(plan);
    } catch (RunFailedException e) {
      failure = e;
    } catch (InterruptedException e) {
      readRest(follower, new RunFailedException("stopped", e));
      throw e;
    } finally {
      WatchNotices.forget(plan.runId());
    }
    readRest(follower, failure);
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Shows what a run has committed, without running anything.
   *
   * @throws RunFailedException if it cannot be read
   */
  void show(String results, String runId) throws RunFailedException {
    readRest(follower(results, runId), null);
  }

  private ResultFollower follower(String results, String runId) {
    return new ResultFollower(
        results,
        runId,
        result -> {
          printer.accept(result);
          tally.add(result);
        },
        console::flush);
  }

  /** What a watch has done before it was started again was shown then. */
  private static void passOver(ResultFollower follower) throws RunFailedException {
    try {
      follower.passOver();
    } catch (IOException e) {
      throw new RunFailedException("the results cannot be read", e);
    }
  }

  private static void readRest(ResultFollower follower, @Nullable RunFailedException failure)
      throws RunFailedException {
    try {
      follower.readNew();
    } catch (IOException e) {
      if (failure == null) {
        throw new RunFailedException("the results cannot be read", e);
      }
      failure.addSuppressed(e);
    }
  }

  private RunFigures figures(Engine engine, RunPlan plan) {
    long models = plan.entries().size();
    EngineFigures seen =
        engine
            .figures()
            .orElseGet(
                () ->
                    new EngineFigures(
                        0, tally.models(), tally.models(), tally.failed(), 0, tally.bytes()));
    if (plan.isWatch()) {
      return new RunFigures(
          seen.models(),
          earlier + seen.modelsDone(),
          seen.modelsFailed(),
          seen.modelsPlanned(),
          seen.bytesHashed(),
          0);
    }
    return new RunFigures(
        models,
        Math.min(models, Math.max(earlier + seen.modelsDone(), tally.models())),
        Math.min(models, Math.max(seen.modelsFailed(), tally.failed())),
        seen.modelsPlanned(),
        seen.bytesHashed(),
        seen.bytesPlanned());
  }

  private ProgressLine progress(Engine engine, RunPlan plan) {
    return ProgressLine.show(
        console,
        elapsed -> {
          RunFigures figures = figures(engine, plan);
          return plan.isWatch() ? figures.watchLine() : figures.line(elapsed);
        });
  }
}
