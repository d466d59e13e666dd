package dev.countersign.source.reading;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;

/**
 * Hashes the units of one reader. Called by the task's thread; outcomes come from any thread,
 * exactly one for each unit that is submitted, or none after {@link #close}.
 */
interface UnitPool extends AutoCloseable {

  /** How a lane ended one unit. */
  sealed interface UnitOutcome {

    /** The unit's identity. */
    UnitId id();

    /** Done; {@code record} is to be emitted. */
    record Done(UnitId id, UnitRecord record) implements UnitOutcome {}

    /** Not done, for a reason that belongs to the model. */
    record Broken(UnitId id, ModelFailure failure) implements UnitOutcome {}

    /** Dropped, since the model was cancelled. */
    record Cancelled(UnitId id) implements UnitOutcome {}

    /** Not done for a fault of the program or the platform: the task has to fail. */
    record Fatal(UnitId id, Throwable cause) implements UnitOutcome {}
  }

  void submit(ModelSplit split);

  /** Makes the units of a model end soon, whether they wait or are being read. */
  void cancel(long entryId, int attempt);

  @Override
  void close();
}
