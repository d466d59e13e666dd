package dev.countersign.jobs.run;

import dev.countersign.jobs.terminal.Figures;
import dev.countersign.jobs.terminal.RunTally;
import dev.countersign.options.Command;
import dev.countersign.outcome.FailureLimit;
import java.util.Locale;

/** What is said of a run that ended early because too many of its models failed. */
final class EarlyEndText {

  private EarlyEndText() {}

  /**
   * Returns how far the run came and how to go on.
   *
   * @param limit how many models could fail
   * @param tally the results that there are
   * @param total how many models the run had
   */
  static String of(FailureLimit limit, Command command, RunTally tally, long total) {
    long missing = total - tally.models();
    return String.format(
        Locale.ROOT,
        "Ended early: %,d of %s failed, more than --max-failures %s allows; %s %s not done and %s"
            + " no result. %s",
        tally.failed(),
        Figures.count(total, "model"),
        limit.text(),
        Figures.count(missing, "model"),
        missing == 1 ? "was" : "were",
        missing == 1 ? "has" : "have",
        command.signs()
            ? "What was signed stays signed. Mend the cause, and go on with the same command and"
                + " --skip-signed."
            : "Mend the cause, and run the same command again.");
  }
}
