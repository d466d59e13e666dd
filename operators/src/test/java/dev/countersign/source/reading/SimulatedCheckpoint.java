package dev.countersign.source.reading;

import dev.countersign.source.units.ModelSplit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A checkpoint of a {@link RunSimulation}; complete once all have given their part. */
final class SimulatedCheckpoint {

  final long id;
  final byte[] enumerator;

  /** The units that readers had, serialized. */
  final Map<Integer, List<byte[]>> readers = new HashMap<>();

  /** Readers that had come to their end before. */
  final Set<Integer> finished = new HashSet<>();

  SimulatedStage.@Nullable Snapshot stage;

  /** How many results the stage had emitted. */
  int results;

  SimulatedCheckpoint(long id, byte[] enumerator) {
    this.id = id;
    this.enumerator = enumerator;
  }

  /** The units that a reader had. */
  List<ModelSplit> splitsOf(int reader) throws IOException {
    ModelSplit.Serializer splits = new ModelSplit.Serializer();
    List<ModelSplit> had = new ArrayList<>();
    for (byte[] split : readers.getOrDefault(reader, List.of())) {
      had.add(splits.deserialize(splits.getVersion(), split));
    }
    return had;
  }

  /** Whether the stage and {@code tasks} readers have given their part. */
  boolean isComplete(int tasks) {
    return stage != null && readers.size() + finished.size() == tasks;
  }
}
