package dev.countersign.source;

import java.util.OptionalLong;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The next time at which the enumerator looks for something to do by itself. Used by the
 * coordinator's thread only.
 */
final class WakeUp {

  private static final long MAX_SLEEP_MILLIS = 1_000;

  private final ScheduledExecutorService timer;
  private final Runnable action;
  private @Nullable ScheduledFuture<?> pending;

  /**
   * Starts without a time.
   *
   * @param action run by the timer's thread; has {@link #arrived} called
   */
  WakeUp(ScheduledExecutorService timer, Runnable action) {
    this.timer = timer;
    this.action = action;
  }

  /** Has the action run after a pause, or after a second, unless it does so sooner anyway. */
  void after(OptionalLong pause) {
    if (pause.isEmpty()) {
      return;
    }
    long sleep = Math.min(pause.getAsLong() + 1, MAX_SLEEP_MILLIS);
    if (pending != null && pending.getDelay(TimeUnit.MILLISECONDS) <= sleep) {
      return;
    }
    arrived();
    pending = timer.schedule(action, sleep, TimeUnit.MILLISECONDS);
  }

  /** There is no time any more. */
  void arrived() {
    if (pending != null) {
      boolean unused = pending.cancel(false);
      pending = null;
    }
  }
}
