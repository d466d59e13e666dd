package dev.countersign.source.signals;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.source.units.UnitId;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Answer of a reader to the enumerator about one unit; exactly one for each unit. {@link
 * EnumeratorEvent.AnswerTaken} confirms those to units for which nothing was emitted.
 *
 * <p>It asks for another unit, too: a split request of its own would be a second message, and Flink
 * logs each at INFO.
 */
public sealed interface UnitEvent extends SourceEvent {

  long entryId();

  int attempt();

  int unit();

  /** The unit that this is about. */
  default UnitId id() {
    return new UnitId(entryId(), attempt(), unit());
  }

  /** The unit's record was emitted. */
  record Finished(long entryId, int attempt, int unit) implements UnitEvent {}

  /**
   * The unit could not be done; nothing was emitted.
   *
   * @param isTransient whether it may go well later
   */
  record Failed(
      long entryId,
      int attempt,
      int unit,
      FailureReason reason,
      String message,
      boolean isTransient)
      implements UnitEvent {

    public static Failed of(UnitId id, ModelFailure failure) {
      return new Failed(
          id.entryId(),
          id.attempt(),
          id.unit(),
          failure.reason(),
          String.valueOf(failure.getMessage()),
          failure.isTransient());
    }

    /** Leaves the message out: Flink logs events, and names come from outside. */
    @Override
    public String toString() {
      return "Failed[" + entryId + ":" + attempt + ":" + unit + ", " + reason + "]";
    }

    public ModelFailure failure() {
      return new ModelFailure(reason, message);
    }
  }

  /** The unit was dropped because its model was cancelled; nothing was emitted. */
  record GivenBack(long entryId, int attempt, int unit) implements UnitEvent {}
}
