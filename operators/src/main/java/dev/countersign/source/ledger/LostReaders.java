package dev.countersign.source.ledger;

import dev.countersign.source.signals.ProcessIdentity;
import dev.countersign.source.units.ModelPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Readers that are lost and not back yet, the processes of all readers, and plans that have to wait
 * until every reader is back. Not thread safe.
 */
public final class LostReaders {

  /**
   * Processes that announced their end. Static, since Flink's adaptive scheduler replaces the
   * enumerator at each failover; the class loader stays with the job. Identities are random, so
   * those of another job do not matter.
   */
  private static final Set<String> LEFT = ConcurrentHashMap.newKeySet();

  private final Set<Integer> missing = new HashSet<>();
  private final Map<Integer, String> processes = new HashMap<>();

  /** The values of {@link #processes} and the process that plans now, if not empty. */
  private final Set<String> alive = new HashSet<>();

  private final List<ModelPlan> waiting = new ArrayList<>();

  /** The first {@code readers} readers are lost. */
  LostReaders(int readers) {
    for (int reader = 0; reader < readers; reader++) {
      missing.add(reader);
    }
  }

  void add(int reader) {
    missing.add(reader);
  }

  boolean isEmpty() {
    return missing.isEmpty();
  }

  /** Keeps a plan if a reader is lost; tells whether it did. */
  boolean keeps(ModelPlan plan) {
    return !missing.isEmpty() && waiting.add(plan);
  }

  /** Tells whether a reader, now in {@code process}, was lost and is the last one to be back. */
  boolean isLastBack(int reader, String process) {
    processes.put(reader, process);
    alive.clear();
    return missing.remove(reader) && missing.isEmpty();
  }

  /** The process of a reader; of one that is lost, the process it had. Empty if unknown. */
  String processOf(int reader) {
    return processes.getOrDefault(reader, "");
  }

  /** Records that a process ends in good order. Any thread. */
  public static void leaves(String process) {
    LEFT.add(process);
  }

  /**
   * Whether a process ended without announcing it; to be asked when all readers are back. A process
   * that is alive and has no reader any more looks the same, until it has one again.
   *
   * @param process empty if unknown
   */
  boolean hasDisappeared(String process) {
    return !process.isEmpty() && !isAlive(process) && !LEFT.contains(process);
  }

  private boolean isAlive(String process) {
    if (alive.isEmpty()) {
      alive.addAll(processes.values());
      alive.add(ProcessIdentity.planner());
    }
    return alive.contains(process);
  }

  /** About how many bytes the plans take that are kept. */
  long weight() {
    return waiting.stream().mapToLong(ModelPlan::weight).sum();
  }

  /** Returns the plans that were kept, and forgets them. */
  List<ModelPlan> release() {
    List<ModelPlan> plans = List.copyOf(waiting);
    waiting.clear();
    return plans;
  }
}
