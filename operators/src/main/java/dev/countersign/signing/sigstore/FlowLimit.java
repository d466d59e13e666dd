package dev.countersign.signing.sigstore;

import dev.countersign.signing.SigningLimits;
import java.io.Serial;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the signatures that a run has in progress in this process, and how many are started per
 * second. The bounds are the sum of the shares of all signers in the process, so that a busy one
 * may use what others leave, and those of all processes together never exceed the run's.
 */
final class FlowLimit {

  /** Permits in progress; fair, so that no model waits indefinitely. */
  private final Shares permits = new Shares();

  private double rate;

  /** When the next signature may start, by {@link System#nanoTime}. */
  private long next = System.nanoTime();

  /** Adds a signer's share. */
  synchronized void join(SigningLimits share) {
    permits.release(share.concurrency());
    rate += share.rate();
  }

  /** Takes away a signer's share. */
  synchronized void leave(SigningLimits share) {
    permits.reducePermits(share.concurrency());
    rate = Math.max(0, rate - share.rate());
  }

  /** Waits until a signature may start. The caller has to {@link #release} it. */
  void acquire() throws InterruptedException {
    permits.acquire();
    boolean started = false;
    try {
      TimeUnit.NANOSECONDS.sleep(turn());
      started = true;
    } finally {
      if (!started) {
        permits.release();
      }
    }
  }

  /** Ends a signature. */
  void release() {
    permits.release();
  }

  /** Returns how long the next one has to wait, in nanoseconds. */
  private synchronized long turn() {
    if (rate <= 0) {
      return 0;
    }
    long now = System.nanoTime();
    long start = next - now > 0 ? next : now;
    next = start + (long) (TimeUnit.SECONDS.toNanos(1) / rate);
    return start - now;
  }

  /** Semaphore whose permits can be taken away. */
  private static final class Shares extends Semaphore {

    @Serial private static final long serialVersionUID = 1L;

    Shares() {
      super(0, true);
    }

    @Override
    protected void reducePermits(int reduction) {
      super.reducePermits(reduction);
    }
  }
}
