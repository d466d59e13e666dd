package dev.countersign.jobs.terminal;

import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.time.Duration;
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

  /** Counts one result. */
  public synchronized void add(ModelResult result) {
    outcomes.merge(result.getOutcome(), 1L, Long::sum);
    bytes += result.getBytes();
    files += result.getFiles();
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

  /** Returns the counts in one line, for the end of a run that took {@code time}. */
  public synchronized String summary(Duration time) {
    List<String> parts = new ArrayList<>();
    outcomes.forEach(
        (outcome, count) ->
            parts.add(
                String.format(
                    Locale.ROOT,
                    "%,d %s",
                    count,
                    outcome.name().toLowerCase(Locale.ROOT).replace('_', ' '))));
    return String.format(
        Locale.ROOT,
        "%s: %s; %s in %s, %s, %s",
        Figures.count(models(), "model"),
        parts.isEmpty() ? "no result" : String.join(", ", parts),
        Figures.bytes(bytes),
        Figures.count(files, "file"),
        Figures.time(time),
        Figures.rate(bytes, time));
  }
}
