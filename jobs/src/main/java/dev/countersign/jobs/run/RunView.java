package dev.countersign.jobs.run;

import dev.countersign.jobs.execution.Engine;
import dev.countersign.jobs.execution.EngineFigures;
import dev.countersign.jobs.execution.RunFailedException;
import dev.countersign.jobs.pipeline.RunPlan;
import dev.countersign.jobs.results.ResultFollower;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.Figures;
import dev.countersign.jobs.terminal.ProgressLine;
import dev.countersign.jobs.terminal.Repetition;
import dev.countersign.jobs.terminal.RunTally;
import dev.countersign.schemas.ModelResult;
import dev.countersign.source.signals.WatchNotices;
import dev.countersign.text.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets an engine run a plan, and shows meanwhile what is committed and how far it is. */
final class RunView {

  private static final Logger LOG = LoggerFactory.getLogger(RunView.class);

  private static final Duration LOOKS_EVERY = Duration.ofMillis(200);

  /** Nobody waits for the end of a watch, and its folder of results grows. */
  private static final Duration WATCH_LOOKS_EVERY = Duration.ofSeconds(1);

  /** From this length on, in bytes, it takes seconds to hash a file. */
  private static final long LARGE_FILE = 10_000_000_000L;

  /** Multiple of a slot's share of the bytes from which on one file makes a run longer. */
  private static final double MORE_THAN_ITS_SHARE = 1.5;

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
    try (Repetition reading = Repetition.start("results", interval, () -> readNow(follower));
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

  /** What cannot be read is tried again; the last time, {@link #readRest} says so. */
  private static void readNow(ResultFollower follower) {
    try {
      follower.readNew();
    } catch (IOException e) {
      LOG.debug("Results cannot be read now", e);
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

  private EngineFigures figures(Engine engine, RunPlan plan) {
    EngineFigures seen =
        engine
            .figures()
            .orElseGet(
                () ->
                    new EngineFigures(
                        0, tally.models(), tally.models(), tally.failed(), 0, tally.bytes(), 0));
    long done = earlier + seen.modelsDone();
    if (plan.isWatch()) {
      return new EngineFigures(
          seen.models(),
          seen.modelsPlanned(),
          done,
          seen.modelsFailed(),
          0,
          seen.bytesHashed(),
          seen.largestFile());
    }
    long models = plan.entries().size();
    return new EngineFigures(
        models,
        seen.modelsPlanned(),
        Math.min(models, Math.max(done, tally.models())),
        Math.min(models, Math.max(seen.modelsFailed(), tally.failed())),
        seen.bytesPlanned(),
        seen.bytesHashed(),
        seen.largestFile());
  }

  private ProgressLine progress(Engine engine, RunPlan plan) {
    return ProgressLine.show(
        console,
        elapsed ->
            plan.isWatch()
                ? watchLine(figures(engine, plan))
                : line(figures(engine, plan), elapsed));
  }

  /** Returns the line of progress of a watch, which has no end. */
  private static String watchLine(EngineFigures now) {
    return Message.of(
        "watching %s; %,d done, %,d failed, %,d in work; %s",
        Figures.count(now.models(), "model"),
        now.modelsDone(),
        now.modelsFailed(),
        Math.max(0, now.modelsPlanned() - now.modelsDone()),
        Figures.bytes(now.bytesHashed()));
  }

  /** Returns the line of progress after {@code elapsed}. */
  static String line(EngineFigures now, Duration elapsed) {
    long bytes = now.bytesHashed();
    StringBuilder line = new StringBuilder();
    line.append(Message.of("%,d of %s", now.modelsDone(), Figures.count(now.models(), "model")));
    if (now.modelsFailed() > 0) {
      line.append(Message.of(", %,d failed", now.modelsFailed()));
    }
    line.append("; ").append(Figures.bytes(bytes));
    long expected = expectedBytes(now);
    if (expected > 0) {
      line.append(now.modelsPlanned() < now.models() ? " of about " : " of ");
      line.append(Figures.bytes(expected));
    }
    line.append(", ").append(Figures.rate(bytes, elapsed));
    if (bytes > 0 && expected > bytes && elapsed.toSeconds() >= 2) {
      double left = elapsed.toMillis() * ((double) (expected - bytes) / bytes);
      line.append(", ").append(Figures.time(Duration.ofMillis((long) left))).append(" left");
    }
    return line.toString();
  }

  /**
   * Returns a hint for a run that took longer because one file was hashed by one thread; empty if
   * it did not, or not by seconds.
   *
   * @param slots how many slots the run had
   * @param signs whether the command says how models are hashed, rather than bundles
   */
  static Optional<String> hint(EngineFigures end, int slots, boolean signs) {
    long file = end.largestFile();
    boolean isBound =
        file >= LARGE_FILE
            && file <= end.bytesHashed() // Else it was not read: a failure, or an earlier start.
            && slots > 1
            && (double) file * slots >= MORE_THAN_ITS_SHARE * end.bytesHashed();
    return isBound
        ? Optional.of(
            Message.of(
                "1 file of %s was %d %% of the bytes, and one thread hashed it."
                    + " --serialization shards or --hash-algorithm blake3%s would spread it over"
                    + " all slots.",
                Figures.bytes(file),
                Math.round(100.0 * file / end.bytesHashed()),
                signs ? "" : " when the model is signed"))
        : Optional.empty();
  }

  /** All bytes of the run, taking models that are not planned yet for average; 0 if unknown. */
  private static long expectedBytes(EngineFigures now) {
    if (now.modelsPlanned() <= 0 || now.bytesPlanned() <= 0) {
      return 0;
    }
    double all =
        (double) now.bytesPlanned()
            / now.modelsPlanned()
            * Math.max(now.modelsPlanned(), now.models());
    return Math.max(now.bytesHashed(), (long) all);
  }
}
