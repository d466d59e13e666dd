package dev.countersign.source.signals;

import dev.countersign.source.units.UnitId;
import org.apache.flink.api.connector.source.SourceEvent;

/** Message of the enumerator to a reader. */
public sealed interface EnumeratorEvent extends SourceEvent {

  /**
   * The enumerator has taken the reader's answer about a unit for which nothing was emitted. The
   * unit leaves the reader's state with this, and not before: an answer that the enumerator takes
   * after its own snapshot is not in that checkpoint, and the unit would be in neither part of it.
   */
  record AnswerTaken(UnitId id) implements EnumeratorEvent {}

  /**
   * A model has failed, so the reader need not read the rest of it.
   *
   * @param attempt the attempt that failed
   */
  record CancelModel(long entryId, int attempt) implements EnumeratorEvent {}
}
