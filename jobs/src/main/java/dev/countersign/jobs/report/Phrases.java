package dev.countersign.jobs.report;

import dev.countersign.jobs.results.ClosedRun;
import dev.countersign.jobs.terminal.Figures;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.text.Message;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Texts that several formats have in common. Nothing is escaped for a format. */
final class Phrases {

  private Phrases() {}

  /** Returns how many models failed. */
  static String headline(RunTotals all) {
    String models = Figures.count(all.models(), "model");
    return all.failed() == 0
        ? models + ", none failed"
        : number(all.failed()) + " of " + models + " failed";
  }

  /** Returns a number with separators. */
  static String number(long count) {
    return Message.of("%,d", count);
  }

  /** Returns an outcome in words, such as {@code allowed unsigned}. */
  static String outcome(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Returns a share in percent; a small one is never 0 %, nor a large one 100 %. */
  static String percent(long part, long whole) {
    if (part <= 0 || whole <= 0) {
      return "0 %";
    }
    double percent = 100.0 * part / whole;
    if (percent < 0.1) {
      return "< 0.1 %";
    }
    if (part < whole && percent > 99.9) {
      return "> 99.9 %";
    }
    return String.format(Locale.ROOT, percent == 100 ? "%.0f %%" : "%.1f %%", percent);
  }

  /** Returns a length of time; nothing for 0. */
  static String millis(long millis) {
    return millis == 0 ? "" : Figures.time(Duration.ofMillis(millis));
  }

  /** Returns how many of something came in a second, such as {@code 812 models/s}. */
  static String rate(long count, long millis, String noun) {
    double rate = 1000.0 * count / Math.max(1, millis);
    return String.format(Locale.ROOT, rate < 9.95 ? "%.1f %s/s" : "%,.0f %s/s", rate, noun);
  }

  /** Returns how many bytes came in a second, such as {@code 1.2 GB/s}. */
  static String byteRate(long bytes, long millis) {
    return Figures.bytes((long) (1000.0 * bytes / millis)) + "/s";
  }

  /** Returns what a run did, in lower case. */
  static String operations(RunTotals run) {
    String seen =
        run.operations().stream()
            .filter(operation -> operation != Operation.UNKNOWN)
            .map(operation -> operation.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    return seen.isEmpty()
        ? run.record().map(record -> ReportText.of(record.operation(), 50)).orElse("")
        : seen;
  }

  /** Returns whether a run has ended, as its record says, and all its results are here. */
  static String completeness(RunTotals run) {
    Optional<ClosedRun> record = run.record();
    if (record.isEmpty()) {
      return "no record";
    }
    long expected = record.get().models();
    return expected < 0 || expected == run.models()
        ? "complete"
        : Message.of("%,d of %,d results", run.models(), expected);
  }
}
