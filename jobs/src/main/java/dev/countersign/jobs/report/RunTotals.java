package dev.countersign.jobs.report;

import dev.countersign.jobs.results.ClosedRun;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sums of the results of one run, or of several together. */
final class RunTotals {

  private final String runId;
  private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
  private final Map<FailureReason, Long> reasons = new EnumMap<>(FailureReason.class);
  private final Set<Operation> operations = EnumSet.noneOf(Operation.class);
  private long models;
  private long bytes;
  private long files;
  private @Nullable Instant started;
  private @Nullable Instant finished;
  private @Nullable ClosedRun record;

  RunTotals(String runId) {
    this.runId = runId;
  }

  void add(ModelResult result) {
    models++;
    outcomes.merge(result.getOutcome(), 1L, Long::sum);
    if (isFailure(result)) {
      reasons.merge(result.getReason(), 1L, Long::sum);
    }
    operations.add(result.getOperation());
    bytes = Amounts.add(bytes, result.getBytes());
    files = Amounts.add(files, result.getFiles());
    if (Amounts.isKnown(result.getStarted())
        && (started == null || result.getStarted().isBefore(started))) {
      started = result.getStarted();
    }
    if (Amounts.isKnown(result.getFinished())
        && (finished == null || result.getFinished().isAfter(finished))) {
      finished = result.getFinished();
    }
  }

  /** Tells whether a result is a failure, or ended as this version does not know. */
  static boolean isFailure(ModelResult result) {
    return result.getOutcome() == Outcome.FAILED || result.getOutcome() == Outcome.UNKNOWN;
  }

  /** Adds the record that closed the run. */
  void close(ClosedRun closed) {
    record = closed;
    beginBy(closed.started());
  }

  /**
   * Moves the start to the time at which the run was started, which is before its first model's. A
   * record may come from anybody: a time that makes no sense is not used.
   */
  private void beginBy(String time) {
    try {
      Instant begun = Instant.parse(time);
      if (started != null && begun.isBefore(started) && Amounts.isKnown(begun)) {
        started = begun;
      }
    } catch (DateTimeParseException e) {
      // The start stays that of the first model.
    }
  }

  /** Returns the record that closed the run; empty if none was found. */
  Optional<ClosedRun> record() {
    return Optional.ofNullable(record);
  }

  String runId() {
    return runId;
  }

  long models() {
    return models;
  }

  long bytes() {
    return bytes;
  }

  long files() {
    return files;
  }

  /** Returns how many models failed, or ended as this version does not know. */
  long failed() {
    return outcomes.getOrDefault(Outcome.FAILED, 0L) + outcomes.getOrDefault(Outcome.UNKNOWN, 0L);
  }

  Map<Outcome, Long> outcomes() {
    return Collections.unmodifiableMap(outcomes);
  }

  Map<FailureReason, Long> reasons() {
    return Collections.unmodifiableMap(reasons);
  }

  Set<Operation> operations() {
    return Collections.unmodifiableSet(operations);
  }

  /**
   * Returns when the run was started, as its record says; without a record, when planning of the
   * first model began. The epoch if no result says.
   */
  Instant started() {
    return started == null ? Instant.EPOCH : started;
  }

  /** Returns when the last result was decided; the epoch if no result says. */
  Instant finished() {
    return finished == null ? Instant.EPOCH : finished;
  }

  /** Returns the run time: milliseconds from the start to the last result; 0 if no result says. */
  long millis() {
    return started == null ? 0 : Amounts.between(started(), finished());
  }
}
