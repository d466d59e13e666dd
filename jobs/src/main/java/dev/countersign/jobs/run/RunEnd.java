package dev.countersign.jobs.run;

import dev.countersign.jobs.execution.Engine;
import dev.countersign.jobs.execution.RunFailedException;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.jobs.terminal.Faults;
import dev.countersign.jobs.terminal.Figures;
import dev.countersign.jobs.terminal.RunTally;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.declarations.RunOptions;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how a run of models ended, and with what code the process ends.
 *
 * @param hasState whether the same command can go on with what it did
 */
record RunEnd(Console console, ModelRunOptions options, boolean onCluster, boolean hasState) {

  /**
   * Says how a run ended if that needs words.
   *
   * @param view what was shown
   * @param expected how many results the run should have
   * @param results URI of the folder for results
   * @return the exit code
   */
  int exitCode(Engine.Kind kind, RunView view, long expected, String results) {
    long shownResults = view.tally().models();
    long failed = view.tally().failed();
    if (shownResults < expected && options.faults().limit().isExceededBy(failed, expected)) {
      console.say(earlyEnd(view.tally(), expected));
    } else if (shownResults != expected) {
      console.say(
          Message.of(
              "countersign: the run ended, but %d of %d results are in %s as seen from here. %s",
              shownResults,
              expected,
              Printable.of(results),
              kind == Engine.Kind.EMBEDDED
                  ? "Please report this with the log of --verbose."
                  : "Name a folder that task managers and this machine reach with --results."));
      return ExitCode.BROKEN;
    }
    boolean counts =
        kind != Engine.Kind.APPLICATION || options.values().get(RunOptions.FAIL_JOB_ON_FAILURES);
    return counts && failed > 0 ? ExitCode.MODEL_FAILED : ExitCode.OK;
  }

  /** Returns how far a run came that too many failures ended early, and how to go on. */
  private String earlyEnd(RunTally tally, long expected) {
    long missing = expected - tally.models();
    return Message.of(
        "Ended early: %,d of %s failed, more than --max-failures %s allows; %s %s not done and %s"
            + " no result. %s",
        tally.failed(),
        Figures.count(expected, "model"),
        options.faults().limit().text(),
        Figures.count(missing, "model"),
        missing == 1 ? "was" : "were",
        missing == 1 ? "has" : "have",
        options.values().command().signs()
            ? "What was signed stays signed. Mend the cause, and go on with the same command and"
                + " --skip-signed."
            : "Mend the cause, and run the same command again.");
  }

  /** Returns what to say to who stopped the run. */
  String interrupted() {
    if (hasState) {
      return "Stopped. To go on where it was, run the same command.";
    }
    return options.values().command().signs()
        ? "Stopped. What was signed stays signed. To go on, run the same command with"
            + " --skip-signed."
        : "Stopped. Nothing was changed. To start again, run the same command.";
  }

  /**
   * Says why a run broke; returns the exit code: never that of wrong usage, which promises that
   * nothing was signed.
   */
  int broken(String runId, RunFailedException failure) {
    Logger log = LoggerFactory.getLogger(RunEnd.class);
    log.error("Run {} broke", runId, failure);
    Optional<String> usage = Faults.usage(failure);
    if (usage.isPresent()) {
      console.say("countersign: " + usage.get());
      return ExitCode.BROKEN;
    }
    console.say(
        Message.of(
            "countersign: the run broke (%s). Results above are valid. %s",
            Faults.shortage(failure).orElseGet(() -> Faults.innermost(failure)), whereTheLogIs()));
    return ExitCode.BROKEN;
  }

  private String whereTheLogIs() {
    if (onCluster) {
      return "The cluster's logs say more.";
    }
    return options
        .values()
        .find(OutputOptions.LOG_FILE)
        .map(file -> Message.of("The log is in %s.", Printable.of(file)))
        .orElse(
            options.values().get(OutputOptions.VERBOSE)
                ? "The log is above."
                : "Run again with --log-file FILE or --verbose for the log.");
  }
}
