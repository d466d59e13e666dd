package dev.countersign.source.pool;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A thread that plans models and knows when it last got on. Whatever runs on it says so by {@link
 * #progressed}, which does nothing on other threads.
 */
public final class PlannerThread extends Thread {

  private final Consumer<PlannerThread> work;
  private volatile long lastSign;
  private volatile @Nullable Runnable whenSilent;
  private volatile boolean waits;
  private volatile BundleMemory.@Nullable Taken memory;

  PlannerThread(Consumer<PlannerThread> work, String name) {
    super(null, null, name);
    this.work = work;
    setDaemon(true);
  }

  @Override
  public void run() {
    work.accept(this);
  }

  /** Notes on this thread, if it plans, that it has got on. */
  public static void progressed() {
    if (Thread.currentThread() instanceof PlannerThread planner) {
      planner.lastSign = System.nanoTime();
    }
  }

  /** Notes that this thread, if it plans, waits for memory that other models have. */
  static void waitsForMemory() {
    if (Thread.currentThread() instanceof PlannerThread planner) {
      planner.waits = true;
    }
  }

  /** Notes what memory this thread, if it plans, has now, to be given back if it is given up. */
  static void has(BundleMemory.@Nullable Taken taken) {
    if (Thread.currentThread() instanceof PlannerThread planner) {
      planner.memory = taken;
      planner.lastSign = System.nanoTime();
      planner.waits = false;
    }
  }

  /** Begins a model; {@code giveUp} is called if it does not get on. */
  void begin(Runnable giveUp) {
    lastSign = System.nanoTime();
    whenSilent = giveUp;
  }

  /** Ends a model. */
  void end() {
    whenSilent = null;
    memory = null;
    waits = false;
  }

  /** Called by the watchdog. */
  void giveUpIfSilentFor(Duration silence) {
    Runnable giveUp = whenSilent;
    if (giveUp != null && !waits && System.nanoTime() - lastSign > silence.toNanos()) {
      giveUp.run();
    }
  }

  /** Ends the thread if anything can, and gives back for others what it has. */
  void abandon() {
    interrupt();
    BundleMemory.Taken taken = memory;
    if (taken != null) {
      taken.close();
    }
  }
}
