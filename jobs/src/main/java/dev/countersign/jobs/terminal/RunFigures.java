package dev.countersign.jobs.terminal;

import dev.countersign.text.Message;
import java.time.Duration;

/**
 * How far a run is.
 *
 * @param models how many models the run has; of a watch, how many it knows now
 * @param done how many are done
 * @param failed how many of those failed
 * @param planned how many models' sizes are known
 * @param bytes how many bytes have been hashed
 * @param plannedBytes how many bytes the planned models have
 */
public record RunFigures(
    long models, long done, long failed, long planned, long bytes, long plannedBytes) {

  /** Returns the line of progress of a watch, which has no end. */
  public String watchLine() {
    return Message.of(
        "watching %s; %,d done, %,d failed, %,d in work; %s",
        Figures.count(models, "model"),
        done,
        failed,
        Math.max(0, planned - done),
        Figures.bytes(bytes));
  }

  /** Returns the line of progress after {@code elapsed}. */
  public String line(Duration elapsed) {
    StringBuilder line = new StringBuilder();
    line.append(Message.of("%,d of %s", done, Figures.count(models, "model")));
    if (failed > 0) {
      line.append(Message.of(", %,d failed", failed));
    }
    line.append("; ").append(Figures.bytes(bytes));
    long expected = expectedBytes();
    if (expected > 0) {
      line.append(planned < models ? " of about " : " of ").append(Figures.bytes(expected));
    }
    line.append(", ").append(Figures.rate(bytes, elapsed));
    if (bytes > 0 && expected > bytes && elapsed.toSeconds() >= 2) {
      double left = elapsed.toMillis() * ((double) (expected - bytes) / bytes);
      line.append(", ").append(Figures.time(Duration.ofMillis((long) left))).append(" left");
    }
    return line.toString();
  }

  /** All bytes of the run, taking models that are not planned yet for average; 0 if unknown. */
  private long expectedBytes() {
    if (planned <= 0 || plannedBytes <= 0) {
      return 0;
    }
    double all = (double) plannedBytes / planned * Math.max(planned, models);
    return Math.max(bytes, (long) all);
  }
}
