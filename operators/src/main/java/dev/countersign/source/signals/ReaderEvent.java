package dev.countersign.source.signals;

import org.apache.flink.api.connector.source.SourceEvent;

/** Notice of a reader to the enumerator about itself; {@link UnitEvent} is about its units. */
public sealed interface ReaderEvent extends SourceEvent {

  /**
   * The reader has started; its first event.
   *
   * @param process see {@link ProcessIdentity}
   * @param units how many units it asks for; each {@link UnitEvent} asks for one more
   */
  record Started(String process, int units) implements ReaderEvent {}

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
}
