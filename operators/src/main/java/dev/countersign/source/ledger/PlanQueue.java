package dev.countersign.source.ledger;

import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.Queue;

/**
 * Which model is planned next: one that has to be planned once more, or the next of the catalog.
 * Not thread safe.
 */
final class PlanQueue {

  private final long entries;
  private final Queue<Long> again = new ArrayDeque<>();
  private long cursor;
  private boolean ended;

  /**
   * A queue.
   *
   * @param entries how many models there are
   * @param cursor the first that was not begun yet
   * @param ended whether none is to be begun any more
   */
  PlanQueue(long entries, long cursor, boolean ended) {
    this.entries = entries;
    this.cursor = cursor;
    this.ended = ended;
  }

  /** Has a model that is begun planned once more. */
  void again(long entryId) {
    again.add(entryId);
  }

  /**
   * Takes the next model; a new one is begun in {@code models}, if there is room.
   *
   * @param readable the first entry that was not read yet, so that it cannot be begun
   */
  OptionalLong next(long readable, ModelWindow models) {
    for (Long next = again.poll(); next != null; next = again.poll()) {
      if (models.find(next) != null) {
        return OptionalLong.of(next);
      }
    }
    if (ended || cursor >= Math.min(entries, readable) || !models.hasRoom()) {
      return OptionalLong.empty();
    }
    models.add(new ModelProgress(cursor, 1));
    return OptionalLong.of(cursor++);
  }

  /** Begins none of the models that are still to come. */
  void end() {
    ended = true;
  }

  /** Whether {@link #end} was called. */
  boolean hasEnded() {
    return ended;
  }

  /** Whether all models were begun, or no more will be. */
  boolean isOver() {
    return ended || cursor >= entries;
  }

  /** The first model that was not begun yet. */
  long cursor() {
    return cursor;
  }
}
