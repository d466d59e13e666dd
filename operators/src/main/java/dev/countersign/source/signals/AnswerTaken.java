package dev.countersign.source.signals;

import dev.countersign.source.units.UnitId;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Confirms to a reader that the enumerator has taken its answer about a unit for which nothing was
 * emitted. The unit leaves the reader's state with this, and not before: an answer that the
 * enumerator takes after its own snapshot is not in that checkpoint, and the unit would be in
 * neither part of it.
 */
public record AnswerTaken(long entryId, int attempt, int unit) implements SourceEvent {

  private static final long serialVersionUID = 1L;

  public UnitId id() {
    return new UnitId(entryId, attempt, unit);
  }
}
