package dev.countersign.process;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Values that all jobs of this process share. */
public final class ProcessValues {

  private static final String PREFIX = "dev.countersign.";

  private ProcessValues() {}

  /**
   * Returns the value with a name, which the first job that asks for it makes; one of the caller's
   * own if something else has the name.
   *
   * @param type a type of the JDK, since each job has a class loader of its own
   */
  public static <T> T of(String name, Class<T> type, Supplier<? extends T> making) {
    Object shared = System.getProperties().computeIfAbsent(PREFIX + name, unset -> making.get());
    return type.isInstance(shared) ? type.cast(shared) : making.get();
  }

  /**
   * Returns the fair semaphore with a name.
   *
   * @param permits how many it has when it is made
   */
  public static Semaphore semaphore(String name, int permits) {
    return of(name, Semaphore.class, () -> new Semaphore(permits, true));
  }
}
