package dev.countersign.jobs.report;

import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToLongFunction;

/** The results that are first by some measure, a few of them, whatever the number that comes. */
final class RankedModels {

  private static final int KEPT = 10;

  private static final Comparator<Ranked> ORDER =
      Comparator.comparingLong(Ranked::measure).thenComparing(Ranked::model).reversed();

  private final ToLongFunction<ModelResult> measure;
  private final PriorityQueue<Ranked> kept = new PriorityQueue<>(KEPT + 1, ORDER.reversed());

  /**
   * A result that is first.
   *
   * @param measure what it is ranked by
   * @param model its URI
   * @param outcome how it ended
   * @param bytes bytes hashed
   * @param files files hashed
   * @param millis how long it took
   */
  record Ranked(long measure, String model, Outcome outcome, long bytes, long files, long millis) {}

  RankedModels(ToLongFunction<ModelResult> measure) {
    this.measure = measure;
  }

  void add(ModelResult result) {
    long value = measure.applyAsLong(result);
    if (value <= 0 || (kept.size() == KEPT && value < kept.element().measure())) {
      return;
    }
    kept.add(
        new Ranked(
            value,
            ReportText.of(result.getModel()),
            result.getOutcome(),
            Math.max(0, result.getBytes()),
            Math.max(0, result.getFiles()),
            Amounts.millis(result)));
    if (kept.size() > KEPT) {
      var unused = kept.remove();
    }
  }

  /** Returns them, the greatest first; results whose measure is 0 are left out. */
  List<Ranked> ranked() {
    return kept.stream().sorted(ORDER).toList();
  }
}
