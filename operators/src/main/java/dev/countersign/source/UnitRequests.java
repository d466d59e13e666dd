package dev.countersign.source;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * Readers that have asked for a unit, each as often as it has asked, in the order of asking. Those
 * that have a barrier before them are kept apart: each is looked at once until it has passed the
 * barrier, however often units are handed out meanwhile. So are readers on a machine for which
 * there is nothing: one of each such machine is looked at. Used by the coordinator's thread only.
 */
final class UnitRequests {

  /** Outcome of a request. */
  enum Answer {
    /** It was met, or its reader is gone. */
    MET,
    /** There is nothing for readers on this machine now. */
    WAITS,
    /** There is nothing for any reader now. */
    ALL_WAIT
  }

  private final IntPredicate isBefore;
  private final IntFunction<Object> machine;
  private final Queue<Integer> ready = new ArrayDeque<>();
  private final Map<Object, Queue<Integer>> waiting = new LinkedHashMap<>();
  private final Map<Integer, Integer> kept = new HashMap<>();

  /**
   * Starts with none.
   *
   * @param isBefore whether a reader has a barrier before it
   * @param machine of a reader; readers on the same one get the same answer
   */
  UnitRequests(IntPredicate isBefore, IntFunction<Object> machine) {
    this.isBefore = isBefore;
    this.machine = machine;
  }

  void add(int reader, int units) {
    ready.addAll(Collections.nCopies(units, reader));
  }

  /** Offers the requests of readers that may be sent a unit now; first those that waited. */
  void answer(IntFunction<Answer> answers) {
    for (Iterator<Queue<Integer>> all = waiting.values().iterator(); all.hasNext(); ) {
      Queue<Integer> alike = all.next();
      Answer last = answer(alike, answers);
      if (last == Answer.ALL_WAIT) {
        return;
      }
      if (last == Answer.MET) {
        all.remove();
      }
    }
    while (answer(ready, answers) == Answer.WAITS) {
      Object of = machine.apply(ready.element());
      waiting.computeIfAbsent(of, first -> new ArrayDeque<>()).add(ready.remove());
    }
  }

  /**
   * Offers requests until one is not met; returns what became of that, or {@link Answer#MET} if
   * there is none.
   */
  private Answer answer(Queue<Integer> requests, IntFunction<Answer> answers) {
    for (Integer reader = requests.peek(); reader != null; reader = requests.peek()) {
      if (isBefore.test(reader)) {
        kept.merge(requests.remove(), 1, Integer::sum);
        continue;
      }
      boolean isKnown = requests == ready && waiting.containsKey(machine.apply(reader));
      Answer answer = isKnown ? Answer.WAITS : answers.apply(reader);
      if (answer != Answer.MET) {
        return answer;
      }
      int unused = requests.remove();
    }
    return Answer.MET;
  }

  /** A reader is lost, and with it what it asked for. */
  void forget(int reader) {
    ready.removeIf(other -> other == reader);
    waiting.values().forEach(alike -> alike.removeIf(other -> other == reader));
    waiting.values().removeIf(Queue::isEmpty);
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
