package dev.countersign.source.reading;

import dev.countersign.source.units.ModelSplit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What Flink keeps of assigned splits, to give them back to an enumerator that outlives readers.
 */
final class AssignedSplits {

  /** By reader and by the first checkpoint after the assignment, which is not known at first. */
  private final Map<Integer, Map<Long, List<ModelSplit>>> splits = new HashMap<>();

  /** Keeps a split; returns it as the reader gets it. */
  ModelSplit add(int reader, ModelSplit split) {
    splits
        .computeIfAbsent(reader, first -> new HashMap<>())
        .computeIfAbsent(Long.MAX_VALUE, first -> new ArrayList<>())
        .add(split);
    try {
      ModelSplit.Serializer serializer = new ModelSplit.Serializer();
      return serializer.deserialize(serializer.getVersion(), serializer.serialize(split));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void checkpointBegun(long checkpoint) {
    for (Map<Long, List<ModelSplit>> since : splits.values()) {
      List<ModelSplit> recent = since.remove(Long.MAX_VALUE);
      if (recent != null) {
        since.put(checkpoint, recent);
      }
    }
  }

  void checkpointCompleted(long checkpoint) {
    splits.values().forEach(since -> since.keySet().removeIf(before -> before <= checkpoint));
  }

  /** What a reader was assigned since the last completed checkpoint. */
  List<ModelSplit> remove(int reader) {
    Map<Long, List<ModelSplit>> since = splits.remove(reader);
    return since == null ? List.of() : since.values().stream().flatMap(List::stream).toList();
  }

  void clear() {
    splits.clear();
  }
}
