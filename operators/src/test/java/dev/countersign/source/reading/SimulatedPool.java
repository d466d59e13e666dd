package dev.countersign.source.reading;

import dev.countersign.source.units.ModelSplit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The lanes of a reader, without threads: units end when and as somebody says. */
final class SimulatedPool implements UnitPool {

  /** Units that have not ended, in the order in which they came. */
  final List<ModelSplit> jobs = new ArrayList<>();

  private final Set<ModelSplit> cancelled = new HashSet<>();
  private @Nullable Consumer<UnitPool.UnitOutcome> outcomes;

  /** This pool, which gives its outcomes to {@code reader}. */
  UnitPool outcomesTo(Consumer<UnitPool.UnitOutcome> reader) {
    outcomes = reader;
    return this;
  }

  @Override
  public void submit(ModelSplit split) {
    jobs.add(split);
  }

  @Override
  public void cancel(long entryId, int attempt) {
    jobs.stream()
        .filter(job -> job.id().entryId() == entryId && job.id().attempt() == attempt)
        .forEach(cancelled::add);
  }

  @Override
  public void close() {}

  /** A unit that one of {@code lanes} lanes has, if any. */
  @Nullable ModelSplit next(Random random, int lanes) {
    return jobs.isEmpty() ? null : jobs.get(random.nextInt(Math.min(lanes, jobs.size())));
  }

  boolean isCancelled(ModelSplit job) {
    return cancelled.contains(job);
  }

  void end(ModelSplit job, UnitPool.UnitOutcome outcome) {
    jobs.remove(job);
    if (outcomes != null) {
      outcomes.accept(outcome);
    }
  }
}
