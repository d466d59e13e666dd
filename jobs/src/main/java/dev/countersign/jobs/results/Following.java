package dev.countersign.jobs.results;

import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that reads new results now and then. What it cannot read it tries again; whoever closes
 * this reads once more and learns then whether reading still fails.
 */
public final class Following implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Following.class);

  private final ResultFollower follower;
  private final Duration interval;
  private final Thread thread;

  Following(ResultFollower follower, Duration interval) {
    this.follower = follower;
    this.interval = interval;
    this.thread = new Thread(this::run, "results");
    this.thread.setDaemon(true);
    this.thread.start();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(interval.toMillis());
        try {
          follower.readNew();
        } catch (IOException e) {
          LOG.debug("Results cannot be read now", e);
        }
      }
    } catch (InterruptedException e) {
      // close() asks for the end.
    }
  }

  /** Ends the thread. */
  @Override
  public void close() {
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
