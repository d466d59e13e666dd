package dev.countersign.source;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Units that wait for a reader: the largest goes first. Apart from them suspects, which run alone,
 * and units that are held until a checkpoint. What is in here may have become pointless meanwhile,
 * so whoever takes it looks at its state. Not thread safe.
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
  private final List<UnitId> held = new ArrayList<>();

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

  /** Keeps a unit until {@link #release}. */
  void hold(UnitId id) {
    held.add(id);
  }

  boolean isHeld(UnitId id) {
    return held.contains(id);
  }

  /** The units that were held; they are in no queue any more. */
  List<UnitId> release() {
    List<UnitId> released = List.copyOf(held);
    held.clear();
    return released;
  }

  int size() {
    return waiting.size() + suspects.size() + held.size();
  }
}
