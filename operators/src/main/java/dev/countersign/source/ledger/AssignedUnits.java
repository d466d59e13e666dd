package dev.countersign.source.ledger;

import dev.countersign.source.units.UnitId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which units each reader has, and those of lost readers until it is known what became of them. Not
 * thread safe.
 */
final class AssignedUnits {

  private final Map<Integer, Set<UnitId>> byReader = new HashMap<>();
  private final List<UnitId> unknown = new ArrayList<>();
  private int size;

  /** How many units readers have. */
  int size() {
    return size;
  }

  void add(int reader, UnitId unit) {
    byReader.computeIfAbsent(reader, first -> new LinkedHashSet<>()).add(unit);
    size++;
  }

  void remove(int reader, UnitId unit) {
    if (byReader.getOrDefault(reader, Set.of()).remove(unit)) {
      size--;
    }
  }

  /** Returns the units of a reader that is lost; they are unknown from now on. */
  Set<UnitId> lose(int reader) {
    Set<UnitId> units = byReader.getOrDefault(reader, Set.of());
    byReader.remove(reader);
    size -= units.size();
    unknown.addAll(units);
    return units;
  }

  /** Adds what a reader had at the checkpoint that the run resumes from. */
  void addUnknown(List<UnitId> units) {
    unknown.addAll(units);
  }

  /** Returns what was unknown, also if it came back, and forgets it. */
  List<UnitId> releaseUnknown() {
    List<UnitId> units = List.copyOf(unknown);
    unknown.clear();
    return units;
  }
}
