package dev.countersign.source.pool;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The share of the heap that checking bundles may take. Bundles that are too large for it fail by
 * themselves, and others wait for each other, where otherwise a few hostile ones would end the run
 * for all. Thread safe.
 */
public final class BundleMemory {

  /**
   * How many times its length a bundle takes: itself, the payload, and its encoding or what is made
   * of it.
   */
  private static final int COPIES = 3;

  private static final int MIB_BITS = 20;

  /** One for all jobs of a JVM, as they have one heap. */
  private static final BundleMemory OF_THIS_JVM =
      new BundleMemory(Runtime.getRuntime().maxMemory() / 4 * 3);

  private final int shares;
  private final Semaphore free;

  /** Shares of 1 MiB; at least one. */
  BundleMemory(long bytes) {
    shares = (int) Math.max(1, Math.min(bytes >> MIB_BITS, Integer.MAX_VALUE));
    free = new Semaphore(shares, true);
  }

  /** Returns that of this JVM: three quarters of its heap. */
  public static BundleMemory ofThisJvm() {
    return OF_THIS_JVM;
  }

  /** Memory that is taken until it is closed; closing it again does nothing. */
  public interface Taken extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Takes what checking a bundle needs, and waits until others have given back enough.
   *
   * @param bundle where it lies, for the message
   * @param length in bytes
   * @throws ModelFailure of {@link FailureReason#LIMIT_EXCEEDED} if there will never be enough
   */
  public Taken take(String bundle, long length) throws ModelFailure {
    long needed = Math.max(1, (COPIES * length) >> MIB_BITS);
    if (length > Long.MAX_VALUE / COPIES || needed > shares) {
      throw new ModelFailure(
          FailureReason.LIMIT_EXCEEDED,
          Message.of(
              "%s has %d bytes, and checking a bundle takes about %d times its length, more than"
                  + " the %d MiB that this process has for it. Give it a larger heap, if the bundle"
                  + " is worth it.",
              Printable.of(bundle), length, COPIES, shares));
    }
    int taken = (int) needed;
    // Whoever holds some gives it back: none waits for more while holding.
    GuardedPool.waitsForMemory();
    free.acquireUninterruptibly(taken);
    AtomicBoolean isBack = new AtomicBoolean();
    Taken memory =
        () -> {
          if (isBack.compareAndSet(false, true)) {
            free.release(taken);
          }
        };
    GuardedPool.has(memory);
    return memory;
  }
}
