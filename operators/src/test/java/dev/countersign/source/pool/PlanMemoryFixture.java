package dev.countersign.source.pool;

import dev.countersign.outcome.ModelFailure;
import java.util.concurrent.Callable;

/** Budgets of tests. */
public final class PlanMemoryFixture {

  private PlanMemoryFixture() {}

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
