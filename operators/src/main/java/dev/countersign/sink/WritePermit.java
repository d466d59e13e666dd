package dev.countersign.sink;

import dev.countersign.outcome.ModelFailure;
import java.util.concurrent.TimeUnit;

/**
 * Permission to write one bundle. It can be withdrawn until the bundle is about to appear: a thread
 * that hangs before changes nothing any more when it gets on again. Thread safe.
 */
public final class WritePermit {

  private final Runnable progress;
  private boolean withdrawn;
  private boolean inUse;
  private boolean mayHaveAppeared;

  /**
   * A permit that holds until it is withdrawn.
   *
   * @param progress told whenever the write has got on
   */
  public WritePermit(Runnable progress) {
    this.progress = progress;
  }

  /**
   * Requires that the write may go on, which has got on.
   *
   * @throws ModelFailure if the permit was withdrawn
   */
  synchronized void require() throws ModelFailure {
    progress.run();
    if (withdrawn) {
      throw ModelFailure.withdrawnWrite();
    }
  }

  /**
   * Lets the bundle appear; {@link #used} must follow.
   *
   * @throws ModelFailure if the permit was withdrawn
   */
  synchronized void use() throws ModelFailure {
    require();
    inUse = true;
    mayHaveAppeared = true;
  }

  /** Notes that the bundle has appeared, or never will by this write. */
  synchronized void used() {
    progress.run();
    inUse = false;
    notifyAll();
  }

  /**
   * Withdraws the permit; returns whether the bundle may appear nevertheless, or has just appeared:
   * what was given up may have got on since.
   */
  public synchronized boolean withdraw() {
    withdrawn = true;
    return mayHaveAppeared;
  }

  /** Waits until the bundle is not about to appear; false if that took longer. */
  public synchronized boolean awaitUsed(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    for (long left = nanos; inUse && left > 0; left = deadline - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return !inUse;
  }
}
