package dev.countersign.source.reading;

import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A checkpoint of a {@link RunSimulation}; complete once all have given their part. */
final class SimulatedCheckpoint {

  final long id;
  final byte[] enumerator;

  /** The parts of readers. */
  private final Map<Integer, Part> readers = new HashMap<>();

  /** Readers that had come to their end before. */
  final Set<Integer> finished = new HashSet<>();

  SimulatedStage.@Nullable Snapshot stage;

  /** How many results the stage had emitted. */
  int results;

  /** The units that a reader had, serialized, and the process that it was in. */
  private record Part(List<byte[]> units, String process) {}

  SimulatedCheckpoint(long id, byte[] enumerator) {
    this.id = id;
    this.enumerator = enumerator;
  }

  /** A reader gives its part. */
  void add(int reader, List<byte[]> units, String process) {
    readers.put(reader, new Part(units, process));
  }

  /** The units that a reader had. */
  List<ModelSplit> splitsOf(int reader) throws IOException {
    ModelSplit.Serializer splits = new ModelSplit.Serializer();
    List<ModelSplit> had = new ArrayList<>();
    Part part = readers.get(reader);
    for (byte[] split : part == null ? List.<byte[]>of() : part.units()) {
      had.add(splits.deserialize(splits.getVersion(), split));
    }
    return had;
  }

  /** The only unit that readers had, if the process that read it has ended since. */
  Optional<UnitId> abandoned(SimulatedProcesses processes) throws IOException {
    List<UnitId> all = new ArrayList<>();
    boolean ended = false;
    for (Map.Entry<Integer, Part> part : readers.entrySet()) {
      for (ModelSplit split : splitsOf(part.getKey())) {
        all.add(split.id());
        ended = !part.getValue().process().equals(processes.of(part.getKey()).identity);
      }
    }
    return all.size() == 1 && ended ? Optional.of(all.get(0)) : Optional.empty();
  }

  /** Whether the stage and {@code tasks} readers have given their part. */
  boolean isComplete(int tasks) {
    return stage != null && readers.size() + finished.size() == tasks;
  }
}
