package dev.countersign.source.reading;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Outcomes on their way from lanes to the task's thread, with Flink's kind of availability. Thread
 * safe.
 */
final class OutcomeQueue {

  private final Queue<HashingPool.Outcome> outcomes = new ArrayDeque<>();
  private CompletableFuture<Void> available = new CompletableFuture<>();

  synchronized void add(HashingPool.Outcome outcome) {
    outcomes.add(outcome);
    available.complete(null);
  }

  /** Makes the queue look available once, so that the task asks what has changed. */
  synchronized void wakeUp() {
    available.complete(null);
  }

  /** The next outcome, or null; in that case {@link #available} completes when there is one. */
  synchronized HashingPool.@Nullable Outcome poll() {
    HashingPool.Outcome next = outcomes.poll();
    if (next == null && available.isDone()) {
      available = new CompletableFuture<>();
    }
    return next;
  }

  synchronized CompletableFuture<Void> available() {
    return available;
  }
}
