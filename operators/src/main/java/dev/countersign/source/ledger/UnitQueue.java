package dev.countersign.source.ledger;

import dev.countersign.source.units.UnitId;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Units that wait for a reader: the largest goes first. Apart from them suspects, which run alone,
 * and units that are held until readers are back or a checkpoint is completed. What is in here may
 * have become pointless meanwhile, so whoever takes it looks at its state. Not thread safe.
 */
final class UnitQueue {

  private record Waiting(long bytes, UnitId id) {}

  private static final Comparator<Waiting> LARGEST_FIRST =
      Comparator.comparingLong(Waiting::bytes)
          .reversed()
          .thenComparingLong(waiting -> waiting.id().entryId())
          .thenComparingInt(waiting -> waiting.id().unit());

  private final Queue<Waiting> waiting = new PriorityQueue<>(LARGEST_FIRST);
  private final Queue<UnitId> suspects = new ArrayDeque<>();
  private final Map<UnitId, String> held = new LinkedHashMap<>();

  void add(UnitId id, long bytes) {
    waiting.add(new Waiting(bytes, id));
  }

  void addSuspect(UnitId id) {
    suspects.add(id);
  }

  /** The next unit that may run beside others, or null. */
  @Nullable UnitId poll() {
    Waiting next = waiting.poll();
    return next == null ? null : next.id();
  }

  /** The next unit that must run alone, or null, also while a unit that is held may come first. */
  @Nullable UnitId pollSuspect() {
    return held.isEmpty() ? suspects.poll() : null;
  }

  /**
   * Keeps a unit until {@link #release}.
   *
   * @param process the process whose end the unit may have caused; empty for none
   */
  void hold(UnitId id, String process) {
    held.put(id, process);
  }

  boolean isHeld(UnitId id) {
    return held.containsKey(id);
  }

  /** The units that were held, with their processes; they are in no queue any more. */
  Map<UnitId, String> release() {
    Map<UnitId, String> released = new LinkedHashMap<>(held);
    held.clear();
    return released;
  }

  int size() {
    return waiting.size() + suspects.size() + held.size();
  }
}
