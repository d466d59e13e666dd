package dev.countersign.source;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.function.IntPredicate;

/**
 * Readers that have asked for a unit, each as often as it has asked, in the order of asking. Those
 * that have a barrier before them are kept apart: each is looked at once until it has passed the
 * barrier, however often units are handed out meanwhile. Used by the coordinator's thread only.
 */
final class UnitRequests {

  private final IntPredicate isBefore;
  private final Queue<Integer> ready = new ArrayDeque<>();
  private final Map<Integer, Integer> kept = new HashMap<>();

  /**
   * Starts with none.
   *
   * @param isBefore whether a reader has a barrier before it
   */
  UnitRequests(IntPredicate isBefore) {
    this.isBefore = isBefore;
  }

  void add(int reader, int units) {
    ready.addAll(Collections.nCopies(units, reader));
  }

  /** The reader that is the next to get a unit, if any may be sent one now. */
  OptionalInt peek() {
    for (Integer reader = ready.peek(); reader != null; reader = ready.peek()) {
      if (!isBefore.test(reader)) {
        return OptionalInt.of(reader);
      }
      kept.merge(ready.remove(), 1, Integer::sum);
    }
    return OptionalInt.empty();
  }

  /** Takes the request that {@link #peek} has returned. */
  void remove() {
    int unused = ready.remove();
  }

  /** A reader is lost, and with it what it asked for. */
  void forget(int reader) {
    ready.removeIf(other -> other == reader);
    kept.remove(reader);
  }

  /** A reader has passed a barrier. */
  void passed(int reader) {
    if (!isBefore.test(reader)) {
      Integer units = kept.remove(reader);
      add(reader, units == null ? 0 : units);
    }
  }

  /** A checkpoint is over, and so are its barriers. */
  void checkpointOver() {
    for (Iterator<Map.Entry<Integer, Integer>> all = kept.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Integer, Integer> next = all.next();
      if (!isBefore.test(next.getKey())) {
        all.remove();
        add(next.getKey(), next.getValue());
      }
    }
  }
}
