package dev.countersign.source.ledger;

import dev.countersign.outcome.FaultSettings;
import dev.countersign.source.units.UnitId;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Units that wait for a reader, see {@link WaitingUnits}. Apart from them suspects, which run
 * alone, units that are held until readers are back or a checkpoint is completed, and units and
 * plans that failed for a reason that may pass, which rest until it is time to try them again. What
 * is in here may have become pointless meanwhile, so whoever takes it looks at its state.
 *
 * <p>How often something was tried again is in checkpoints, with the models; what rests here is
 * not: after a restart it is tried again at once. Not thread safe.
 */
public final class UnitQueue {

  private record Resting(long due, UnitId id) {}

  private final WaitingUnits waiting = new WaitingUnits();
  private final Queue<UnitId> suspects = new ArrayDeque<>();
  private final Set<UnitId> held = new LinkedHashSet<>();
  private final Queue<Resting> resting =
      new PriorityQueue<>(Comparator.comparingLong(Resting::due));
  private final FaultSettings settings;
  private final LongSupplier millis;
  private final DoubleSupplier random;
  private long retries;

  /**
   * An empty queue.
   *
   * @param settings how often and when something is tried again
   * @param millis a clock that never goes back
   * @param random from 0 to less than 1
   */
  public UnitQueue(FaultSettings settings, LongSupplier millis, DoubleSupplier random) {
    this.settings = settings;
    this.millis = millis;
    this.random = random;
  }

  /** A queue that goes by the clock of this process. */
  public static UnitQueue of(FaultSettings settings) {
    return new UnitQueue(
        settings,
        () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
        () -> ThreadLocalRandom.current().nextDouble());
  }

  /** Says how many readers there will be on machines of their own; by default all are on one. */
  public void expect(int readers) {
    waiting.expect(readers);
  }

  /**
   * Notes that a reader has started, and the names of its machine.
   *
   * @return whether readers are on several machines, or may be
   */
  public boolean startsAt(int reader, List<String> machine) {
    return waiting.startsAt(reader, machine);
  }

  void add(UnitId id, long bytes, List<String> hosts) {
    waiting.add(id, bytes, hosts, millis.getAsLong());
  }

  void addSuspect(UnitId id) {
    suspects.add(id);
  }

  /** The next unit that a reader may run beside others, or null. */
  @Nullable UnitId poll(int reader) {
    return waiting.poll(reader, millis.getAsLong());
  }

  /** Whether units are kept for other readers than those that got none. */
  public boolean isKeeping() {
    return waiting.isKeeping();
  }

  /** The names of a reader's machine; readers of the same one get the same units. */
  public List<String> machineOf(int reader) {
    return waiting.machineOf(reader);
  }

  /** The next unit that must run alone, or null, also while a unit that is held may come first. */
  @Nullable UnitId pollSuspect() {
    return held.isEmpty() ? suspects.poll() : null;
  }

  /** Keeps a unit until {@link #release}. */
  void hold(UnitId id) {
    held.add(id);
  }

  boolean isHeld(UnitId id) {
    return held.contains(id);
  }

  /** The units that were held; they are in no queue any more. */
  Set<UnitId> release() {
    Set<UnitId> released = new LinkedHashSet<>(held);
    held.clear();
    return released;
  }

  /** Whether what was tried again so often may be once more. */
  boolean allows(int before) {
    return settings.allows(before);
  }

  /** Lets a unit, or {@link UnitId#PLAN}, rest for as long as its earlier retries say; counts. */
  void rest(ModelProgress model, int unit) {
    long pause = settings.pauseMillis(model.retries(unit), random.getAsDouble());
    resting.add(new Resting(millis.getAsLong() + pause, model.id(unit)));
    model.retried(unit);
    retries++;
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

  /** In how many milliseconds there is something to do; empty if nothing rests or is kept. */
  public OptionalLong untilNext() {
    long now = millis.getAsLong();
    Resting next = resting.peek();
    LongStream retry = next == null ? LongStream.empty() : LongStream.of(next.due());
    return LongStream.concat(retry, waiting.nextOpen().stream())
        .map(due -> Math.max(0, due - now))
        .min();
  }

  /** How often something was tried again, or will be. */
  public long retries() {
    return retries;
  }

  /** Forgets all that rests. */
  void stopRetries() {
    resting.clear();
  }

  /** How many bytes were handed out for which it was known which machines hold them. */
  public long bytesLocated() {
    return waiting.bytesLocated();
  }

  /** How many of those went to a reader on such a machine. */
  public long bytesLocal() {
    return waiting.bytesLocal();
  }

  int size() {
    return waiting.size() + suspects.size() + held.size() + resting.size();
  }
}
