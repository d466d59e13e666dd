package dev.countersign.source;

import dev.countersign.source.units.ModelSplit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.connector.testutils.source.reader.TestingSplitEnumeratorContext;

/**
 * Notes what goes to readers, in order, and what they report when they come. A reader gets a split
 * as it is when it is assigned, since Flink serializes it then; the object itself is kept, as Flink
 * does.
 */
final class ObservedContext extends TestingSplitEnumeratorContext<ModelSplit> {

  /** A split and who got it. */
  record Assigned(int reader, ModelSplit split) {}

  final List<Assigned> assigned = new ArrayList<>();
  final List<ModelSplit> kept = new ArrayList<>();
  private final ModelSplit.Serializer serializer = new ModelSplit.Serializer();
  final List<Integer> ended = new ArrayList<>();
  final Map<Integer, List<ModelSplit>> reported = new HashMap<>();
  boolean isProcessingBacklog;

  /** How often all readers were copied, as Flink does. */
  int copies;

  ObservedContext(int parallelism) {
    super(parallelism);
  }

  @Override
  public void assignSplit(ModelSplit split, int subtask) {
    try {
      byte[] sent = serializer.serialize(split);
      assigned.add(new Assigned(subtask, serializer.deserialize(serializer.getVersion(), sent)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    kept.add(split);
    super.assignSplit(split, subtask);
  }

  @Override
  public void signalNoMoreSplits(int subtask) {
    ended.add(subtask);
  }

  @Override
  public void setIsProcessingBacklog(boolean isProcessingBacklog) {
    this.isProcessingBacklog = isProcessingBacklog;
  }

  @Override
  public Map<Integer, Map<Integer, ReaderInfo>> registeredReadersOfAttempts() {
    Map<Integer, Map<Integer, ReaderInfo>> readers = new HashMap<>();
    super.registeredReaders().forEach((subtask, reader) -> readers.put(subtask, Map.of(0, reader)));
    return readers;
  }

  @Override
  public Map<Integer, ReaderInfo> registeredReaders() {
    copies++;
    Map<Integer, ReaderInfo> readers = new HashMap<>(super.registeredReaders());
    readers.replaceAll(
        (subtask, reader) ->
            ReaderInfo.createReaderInfo(
                subtask, reader.getLocation(), reported.getOrDefault(subtask, List.of())));
    return readers;
  }

  List<SourceEvent> sentTo(int subtask) {
    return getSentEvents().getOrDefault(subtask, List.of());
  }

  /** Runs what planners hand over until {@code count} splits are assigned. */
  void await(int count) throws InterruptedException {
    while (assigned.size() < count) {
      triggerAllActions();
      Thread.sleep(5);
    }
  }

  /** Gives planners time, and runs what they hand over. */
  void settle() throws InterruptedException {
    for (int i = 0; i < 20; i++) {
      triggerAllActions();
      Thread.sleep(10);
    }
  }
}
