package dev.countersign.jobs.report;

import dev.countersign.schemas.ModelResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Models and bytes by the time at which models were finished, in steps of equal length. Steps begin
 * at a second and are merged into longer ones whenever there would be too many.
 */
final class Timeline {

  static final int MAX_STEPS = 180;

  /** Seconds; each divides the next. Beyond the last they double. */
  private static final long[] LENGTHS = {
    1, 2, 10, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_419_200,
  };

  private int choice;
  private long length = LENGTHS[0];
  private TreeMap<Long, Step> steps = new TreeMap<>();

  /**
   * One step of time.
   *
   * @param start when it begins, inclusive
   * @param models models that were finished in it
   * @param failed how many of them failed
   * @param bytes bytes hashed for them
   */
  record Step(Instant start, long models, long failed, long bytes) {

    private Step plus(Step other) {
      return new Step(
          start, models + other.models, failed + other.failed, Amounts.add(bytes, other.bytes));
    }
  }

  /** Counts a result; one that does not say when it was finished is left out. */
  void add(ModelResult result) {
    if (!Amounts.isKnown(result.getFinished())) {
      return;
    }
    long failed = RunTotals.isFailure(result) ? 1 : 0;
    put(new Step(result.getFinished(), 1, failed, Math.max(0, result.getBytes())));
    while (steps.lastKey() - steps.firstKey() >= MAX_STEPS) {
      lengthen();
    }
  }

  private void put(Step step) {
    long position = Math.floorDiv(step.start().getEpochSecond(), length);
    Step placed =
        new Step(
            Instant.ofEpochSecond(position * length), step.models(), step.failed(), step.bytes());
    steps.merge(position, placed, Step::plus);
  }

  private void lengthen() {
    choice++;
    length = choice < LENGTHS.length ? LENGTHS[choice] : length * 2;
    TreeMap<Long, Step> shorter = steps;
    steps = new TreeMap<>();
    shorter.values().forEach(this::put);
  }

  /** Returns how long a step is. */
  Duration length() {
    return Duration.ofSeconds(length);
  }

  /** Returns all steps from the first to the last, also those in which nothing was finished. */
  List<Step> steps() {
    List<Step> all = new ArrayList<>();
    if (!steps.isEmpty()) {
      for (long position = steps.firstKey(); position <= steps.lastKey(); position++) {
        all.add(
            steps.getOrDefault(
                position, new Step(Instant.ofEpochSecond(position * length), 0, 0, 0)));
      }
    }
    return all;
  }
}
