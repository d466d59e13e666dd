package dev.countersign.source.signals;

import java.util.UUID;

/**
 * Identity of this process, the same for every job and class loader in it: a random value in a
 * system property. A static field would belong to one job's class loader.
 */
public final class ProcessIdentity {

  private static final String PROPERTY = "dev.countersign.process";

  private static final String PLANNER = PROPERTY + ".planner";

  private ProcessIdentity() {}

  /** Identity as a process that reads. */
  public static String current() {
    return of(PROPERTY);
  }

  /** Identity as a process that plans, another than {@link #current}, which is never renewed. */
  public static String planner() {
    return of(PLANNER);
  }

  private static String of(String property) {
    return String.valueOf(
        System.getProperties().computeIfAbsent(property, unset -> UUID.randomUUID().toString()));
  }

  /**
   * Gives the process another identity, so that what it was doing is judged as if it had ended.
   * Called after an error that is too severe to be one unit's failure.
   */
  public static void renew() {
    System.setProperty(PROPERTY, UUID.randomUUID().toString());
  }
}
