package dev.countersign.source;

import dev.countersign.schemas.FailureReason;
import org.apache.flink.api.connector.source.SourceEvent;

/** What a reader answers to the enumerator about one unit; exactly one answer for each unit. */
sealed interface UnitEvent extends SourceEvent {

  long entryId();

  int attempt();

  int unit();

  /** The unit's record was emitted. */
  record Finished(long entryId, int attempt, int unit) implements UnitEvent {}

  /**
   * The unit could not be done; nothing was emitted.
   *
   * @param mayPass whether it may go well later
   */
  record Failed(
      long entryId, int attempt, int unit, FailureReason reason, String message, boolean mayPass)
      implements UnitEvent {

    static Failed of(UnitId id, ModelFailure failure) {
      return new Failed(
          id.entryId(),
          id.attempt(),
          id.unit(),
          failure.reason(),
          String.valueOf(failure.getMessage()),
          failure.mayPass());
    }

    ModelFailure failure() {
      return new ModelFailure(reason, message);
    }
  }

  /** The unit was dropped because its model was cancelled; nothing was emitted. */
  record GivenBack(long entryId, int attempt, int unit) implements UnitEvent {}
}
