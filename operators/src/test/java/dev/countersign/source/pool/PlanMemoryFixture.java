package dev.countersign.source.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.outcome.ModelFailure;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** Budgets of tests. */
public final class PlanMemoryFixture {

  /** Unit of the budget, in bytes. */
  public static final int SHARE = PlanMemory.SHARE;

  private PlanMemoryFixture() {}

  /** Has another thread hold all that this process has for plans, until it is released. */
  public static Future<?> holdAll(CountDownLatch released) throws InterruptedException {
    PlanMemory memory = PlanMemory.ofThisProcess();
    long all = memory.available();
    CountDownLatch held = new CountDownLatch(1);
    FutureTask<Void> holding =
        new FutureTask<>(
            () ->
                memory.run(
                    "another model",
                    () -> {
                      PlanMemory.take(all);
                      held.countDown();
                      try {
                        released.await();
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                      return null;
                    }));
    new Thread(holding).start();
    held.await();
    assertThat(memory.available()).isZero();
    return holding;
  }

  /** Does work within a budget of its own. */
  public static <T> T within(long bytes, Callable<T> work) throws ModelFailure {
    return new PlanMemory(bytes)
        .run(
            "the model",
            () -> {
              try {
                return work.call();
              } catch (RuntimeException e) {
                throw e;
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
  }
}
