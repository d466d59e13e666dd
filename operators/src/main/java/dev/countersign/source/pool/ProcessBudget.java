package dev.countersign.source.pool;

import dev.countersign.process.ProcessValues;
import java.util.concurrent.Semaphore;

/** Budgets that all jobs of this process share. */
public final class ProcessBudget {

  private ProcessBudget() {}

  /**
   * Returns the budget with a name, which the first job that asks for it makes. A job of another
   * version whose budget has another unit or another size does not share it.
   *
   * @param name what the budget is for
   * @param unit how many bytes a permit stands for
   * @param permits how many permits there are
   */
  public static Semaphore of(String name, int unit, int permits) {
    return ProcessValues.semaphore(name + "/" + unit + "/" + permits, permits);
  }
}
