package dev.countersign.source.pool;

import java.util.concurrent.Semaphore;

/**
 * Budgets that all jobs of this process share. They are system properties of a JDK type, because
 * each job has a class loader and static fields of its own.
 */
public final class ProcessBudget {

  private static final String PREFIX = "dev.countersign.";

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
    Semaphore made = new Semaphore(permits, true);
    Object shared =
        System.getProperties()
            .computeIfAbsent(PREFIX + name + "/" + unit + "/" + permits, unset -> made);
    return shared instanceof Semaphore budget ? budget : made;
  }
}
