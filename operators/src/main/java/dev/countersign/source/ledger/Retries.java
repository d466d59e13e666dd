package dev.countersign.source.ledger;

import dev.countersign.outcome.FaultSettings;
import dev.countersign.source.units.UnitId;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Units and plans that failed for a reason that may pass, until it is time to try them again, as
 * often as the settings say. The counts are in checkpoints, with the models; what rests here is
 * not: after a restart it is tried again at once. Not thread safe.
 */
public final class Retries {

  private record Resting(long due, UnitId id) {}

  private final FaultSettings settings;
  private final LongSupplier millis;
  private final DoubleSupplier random;
  private final Queue<Resting> resting =
      new PriorityQueue<>(Comparator.comparingLong(Resting::due));
  private long count;

  /**
   * Nothing rests yet.
   *
   * @param millis a clock that never goes back
   * @param random from 0 to less than 1
   */
  Retries(FaultSettings settings, LongSupplier millis, DoubleSupplier random) {
    this.settings = settings;
    this.millis = millis;
    this.random = random;
  }

  /** Retries by the clock of this process. */
  public static Retries of(FaultSettings settings) {
    return new Retries(
        settings,
        () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
        () -> ThreadLocalRandom.current().nextDouble());
  }

  /** Whether what was tried again so often may be once more. */
  boolean allows(int before) {
    return before < settings.retries();
  }

  /** Lets a unit, or {@link UnitId#PLAN}, rest for as long as its earlier retries say; counts. */
  void rest(ModelProgress model, int unit) {
    long pause = settings.pauseMillis(model.retries(unit), random.getAsDouble());
    resting.add(new Resting(millis.getAsLong() + pause, model.id(unit)));
    model.retried(unit);
    count++;
  }

  /** What has rested long enough, if anything has; it does not rest any more. */
  Optional<UnitId> pollDue() {
    Resting next = resting.peek();
    if (next == null || next.due() > millis.getAsLong()) {
      return Optional.empty();
    }
    resting.remove();
    return Optional.of(next.id());
  }

  /** In how many milliseconds something is due; empty if nothing rests. */
  public OptionalLong untilNext() {
    Resting next = resting.peek();
    return next == null
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, next.due() - millis.getAsLong()));
  }

  /** How many rest. */
  int size() {
    return resting.size();
  }

  /** How often something was tried again, or will be. */
  public long count() {
    return count;
  }

  /** Forgets all that rests. */
  void clear() {
    resting.clear();
  }
}
