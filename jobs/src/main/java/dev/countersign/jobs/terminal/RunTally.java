package dev.countersign.jobs.terminal;

import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.text.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts committed results. Thread safe. */
public final class RunTally {

  private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
  private long bytes;
  private long files;
  private long requests;
  private Instant finished = Instant.EPOCH;

  /** Counts one result. */
  public synchronized void add(ModelResult result) {
    outcomes.merge(result.getOutcome(), 1L, Long::sum);
    bytes += result.getBytes();
    files += result.getFiles();
    requests += result.getRequests().values().stream().mapToLong(Long::longValue).sum();
    finished = result.getFinished().isAfter(finished) ? result.getFinished() : finished;
  }

  /** Returns how many results there are. */
  public synchronized long models() {
    return outcomes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns how many models failed, or ended as this version does not know. */
  public synchronized long failed() {
    return outcomes.getOrDefault(Outcome.FAILED, 0L) + outcomes.getOrDefault(Outcome.UNKNOWN, 0L);
  }

  /** Returns how many bytes were hashed. */
  public synchronized long bytes() {
    return bytes;
  }

  /**
   * Returns the counts in one line, with the run time: from the start of the run to its last
   * result, as in reports.
   *
   * @param started when the run was started
   * @param now ends the run time if the clocks that made the results disagree with this one
   */
  public synchronized String summary(Instant started, Instant now) {
    boolean agrees = !finished.isBefore(started) && !finished.isAfter(now);
    return withTime(Duration.between(started, agrees ? finished : now), bytes);
  }

  private String withTime(Duration time, long bytesNow) {
    return Message.of(
        "%s, %s%s",
        counts(),
        Figures.time(time),
        files == 0 && bytes == 0 ? "" : ", " + Figures.rate(bytesNow, time));
  }

  /**
   * Returns the counts of a run that was started again, and what was done before that.
   *
   * @param time since it was started again
   * @param modelsNow how many models got their results in that time
   * @param bytesNow how many bytes were hashed in that time
   */
  public synchronized List<String> resumedSummary(Duration time, long modelsNow, long bytesNow) {
    long models = models();
    return List.of(
        Message.of("%s since it was resumed", withTime(time, bytesNow)),
        Message.of(
            "Resumed: %,d of %s were done before; %s were not read again.",
            Math.max(0, models - modelsNow),
            Figures.count(models, "model"),
            Figures.bytes(Math.max(0, bytes - bytesNow))));
  }

  /** Returns the counts in one line. */
  public synchronized String counts() {
    List<String> parts = new ArrayList<>();
    outcomes.forEach(
        (outcome, count) ->
            parts.add(
                Message.of(
                    "%,d %s", count, outcome.name().toLowerCase(Locale.ROOT).replace('_', ' '))));
    return Message.of(
        "%s: %s; %s",
        Figures.count(models(), "model"),
        parts.isEmpty() ? "no result" : String.join(", ", parts),
        (files == 0 && bytes == 0
                ? "no files read"
                : Figures.bytes(bytes) + " in " + Figures.count(files, "file"))
            + (requests == 0 ? "" : ", " + Figures.count(requests, "request")));
  }
}
