package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.source.units.UnitId;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class OutcomeQueueTest {

  private static final UnitPool.UnitOutcome FIRST =
      new UnitPool.UnitOutcome.Cancelled(new UnitId(1, 1, 0));
  private static final UnitPool.UnitOutcome SECOND =
      new UnitPool.UnitOutcome.Cancelled(new UnitId(1, 1, 1));

  private final HashingReader.OutcomeQueue queue = new HashingReader.OutcomeQueue();

  @Test
  void available_ofAnEmptyQueue_completesWhenSomethingComes() {
    CompletableFuture<Void> available = queue.available();

    assertThat(queue.poll()).isNull();
    assertThat(available).isNotDone();
    queue.add(FIRST);

    assertThat(available).isCompleted();
  }

  @Test
  void poll_givesOutcomesInTheirOrder_andStaysAvailableUntilEmpty() {
    queue.add(FIRST);
    queue.add(SECOND);

    assertThat(queue.poll()).isSameAs(FIRST);
    assertThat(queue.available()).isCompleted();
    assertThat(queue.poll()).isSameAs(SECOND);
    assertThat(queue.poll()).isNull();
    assertThat(queue.available()).isNotDone();
  }

  @Test
  void wakeUp_ofAnEmptyQueue_isSeenOnce() {
    CompletableFuture<Void> available = queue.available();

    queue.wakeUp();

    assertThat(available).isCompleted();
    assertThat(queue.poll()).isNull();
    assertThat(queue.available()).isNotDone();
  }
}
