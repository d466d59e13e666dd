package dev.countersign.source.signals;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.source.units.UnitId;
import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/** Notice of a reader to the enumerator, about itself, one of its units or an ended model. */
public sealed interface ReaderEvent extends SourceEvent {

  /**
   * The reader has started; its first event.
   *
   * @param process see {@link ProcessIdentity}
   * @param units how many units it asks for; each {@link UnitAnswer} may ask for more
   * @param machine names and addresses of its machine, in lower case
   */
  record Started(String process, int units, List<String> machine) implements ReaderEvent {

    /** A reader on a machine without a name. */
    public Started(String process, int units) {
      this(process, units, List.of());
    }

    public Started {
      machine = List.copyOf(machine);
    }

    /** Leaves the names of the machine out: Flink logs events, and names come from outside. */
    @Override
    public String toString() {
      return "Started[" + process + ", " + units + "]";
    }
  }

  /**
   * The reader's process ends in good order, as after SIGTERM.
   *
   * @param process see {@link ProcessIdentity}
   */
  record ProcessLeaves(String process) implements ReaderEvent {}

  /** The reader has stored its state for a checkpoint, so messages reach it again. */
  record PassedBarrier(long checkpointId) implements ReaderEvent {}

  /** Too many models have failed. Several readers may send this. */
  record EndEarly() implements ReaderEvent {}

  /**
   * Answer about one unit; exactly one for each unit. {@link EnumeratorEvent.AnswerTaken} confirms
   * those to units for which nothing was emitted.
   *
   * <p>It asks for further units, too: a split request of its own would be a second message, and
   * Flink logs each at INFO.
   */
  sealed interface UnitAnswer extends ReaderEvent {

    /** The unit that this is about. */
    UnitId id();

    /** How many further units the reader asks for. */
    int units();
  }

  /** The unit's record was emitted. */
  record Finished(UnitId id, int units) implements UnitAnswer {}

  /**
   * The unit could not be done; nothing was emitted.
   *
   * @param isTransient whether it may go well later
   */
  record Failed(UnitId id, int units, FailureReason reason, String message, boolean isTransient)
      implements UnitAnswer {

    /** The failure of a unit. */
    public Failed(UnitId id, int units, ModelFailure failure) {
      this(
          id, units, failure.reason(), String.valueOf(failure.getMessage()), failure.isTransient());
    }

    /** Leaves the message out: Flink logs events, and names come from outside. */
    @Override
    public String toString() {
      return "Failed[" + id + ", " + reason + "]";
    }

    public ModelFailure failure() {
      return new ModelFailure(reason, message);
    }
  }

  /** The unit was dropped because its model was cancelled; nothing was emitted. */
  record GivenBack(UnitId id, int units) implements UnitAnswer {}

  /**
   * A model of a watch has a result. May come more than once.
   *
   * @param entryId the entry that it was taken as
   * @param model its URI
   * @param failed whether the model has failed
   */
  record EndedModel(long entryId, String model, boolean failed) implements ReaderEvent {

    /** Names no model: Flink logs events, and names come from outside. */
    @Override
    public String toString() {
      return "EndedModel[" + entryId + (failed ? ", failed]" : "]");
    }
  }
}
