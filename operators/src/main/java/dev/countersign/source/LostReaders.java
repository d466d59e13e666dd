package dev.countersign.source;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Readers that are lost and not back yet, and plans that have to wait until all are. */
final class LostReaders {

  private final Set<Integer> missing = new HashSet<>();
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

  /** Tells whether a reader was lost and is the last one to be back. */
  boolean isLastBack(int reader) {
    return missing.remove(reader) && missing.isEmpty();
  }

  /** Returns the plans that were kept, and forgets them. */
  List<ModelPlan> release() {
    List<ModelPlan> plans = List.copyOf(waiting);
    waiting.clear();
    return plans;
  }
}
