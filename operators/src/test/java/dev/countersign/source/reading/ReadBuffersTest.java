package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.hashing.KernelChoice;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class ReadBuffersTest {

  private final ReadBuffers buffers =
      new ReadBuffers(
          new ReadSettings(1, 16, 4_096, Duration.ofMinutes(1), false, KernelChoice.AUTO)
              .with(new RangeSettings(4_096, 3)));
  private final List<String> order = new CopyOnWriteArrayList<>();

  /** Else small files that come one after the other would keep it waiting without end. */
  @Test
  void forLane_whileASmallFileIsRead_comesBeforeTheNextSmallFile() throws Exception {
    ReadBuffers.Lent first = buffers.forSmallFile(1);
    FutureTask<Void> lane = waiting("lane", buffers::forLane);
    FutureTask<Void> second = waiting("small file", () -> buffers.forSmallFile(1));

    first.giveBack();

    assertThat(lane.get(45, TimeUnit.SECONDS)).isNull();
    assertThat(second.get(45, TimeUnit.SECONDS)).isNull();
    assertThat(order).containsExactly("lane", "small file");
  }

  /** Starts a thread that borrows buffers and gives them back, once it waits or has ended. */
  private FutureTask<Void> waiting(String name, Callable<ReadBuffers.Lent> borrow)
      throws InterruptedException {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              ReadBuffers.Lent lent = borrow.call();
              order.add(name);
              lent.giveBack();
              return null;
            });
    Thread thread = new Thread(task);
    thread.start();
    while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
      Thread.sleep(1);
    }
    return task;
  }
}
