package dev.countersign.jobs.terminal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What Ctrl-C, or a request to terminate, does while a run is under way: the thread that waits for
 * the run is interrupted, has some time to cancel it and clean up, and the process then ends with
 * exit code 130. The JVM knows only a hook at its end for this; while that runs, {@code
 * System.exit} waits, so the hook itself ends the process.
 */
public final class Interruption implements AutoCloseable {

  /** What a shell makes of a process that SIGINT ended. */
  public static final int EXIT_CODE = 130;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Thread runner;
  private final Runnable onRequest;
  private final Thread hook;
  private volatile boolean requested;
  private final CountDownLatch cleaned = new CountDownLatch(1);

  private Interruption(Thread runner, Runnable onRequest) {
    this.runner = runner;
    this.onRequest = onRequest;
    this.hook = new Thread(this::interrupt, "interruption");
  }

  /**
   * Watches until closed; the calling thread is the one that gets interrupted.
   *
   * @param onRequest done first, on another thread; must be short
   */
  public static Interruption watch(Runnable onRequest) {
    Interruption interruption = new Interruption(Thread.currentThread(), onRequest);
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  /** Tells whether the process was asked to stop. */
  public boolean isRequested() {
    return requested;
  }

  private void interrupt() {
    requested = true;
    onRequest.run();
    runner.interrupt();
    try {
      boolean ended = cleaned.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        System.err.println("countersign: the run did not stop in time; ending without cleaning up");
      }
    } catch (InterruptedException e) {
      // Nobody interrupts a hook; if so, end at once.
    }
    Runtime.getRuntime().halt(EXIT_CODE);
  }

  /** Ends the watch; all that the run left behind must have been cleaned up. */
  @Override
  public void close() {
    cleaned.countDown();
    try {
      boolean removed = Runtime.getRuntime().removeShutdownHook(hook);
      assert removed;
    } catch (IllegalStateException e) {
      // The JVM is ending already, and the hook goes on with that.
    }
  }
}
