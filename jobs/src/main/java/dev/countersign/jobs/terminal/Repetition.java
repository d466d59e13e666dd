package dev.countersign.jobs.terminal;

import java.time.Duration;

/** Thread that does a task again and again, after an interval each time, until it is closed. */
public final class Repetition implements AutoCloseable {

  private final Duration interval;
  private final Runnable task;
  private final Thread thread;
  private volatile boolean closed;

  private Repetition(String name, Duration interval, Runnable task) {
    this.interval = interval;
    this.task = task;
    this.thread = new Thread(this::run, name);
    this.thread.setDaemon(true);
  }

  /** Starts the thread, which has the given name. */
  public static Repetition start(String name, Duration interval, Runnable task) {
    Repetition repetition = new Repetition(name, interval, task);
    repetition.thread.start();
    return repetition;
  }

  private void run() {
    try {
      while (!closed) {
        Thread.sleep(interval.toMillis());
        task.run();
      }
    } catch (InterruptedException e) {
      // close() asks for the end; a task may have taken the interrupt for itself.
    }
  }

  /** Ends the thread and waits for that, even if the caller is interrupted meanwhile. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
