package dev.countersign.source.pool;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.schemas.FailureReason;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The share of the heap for plans: for listings and bundles while models are planned or looked at,
 * and for units until their model is done. All jobs of a process share it. Thread safe.
 *
 * <p>How much a plan takes shows only while it is made. It begins with little and takes more while
 * there is some. If there is not, it gives back all it has and starts again once it has at least
 * twice as much. So no plan waits while it holds memory that another one needs, and a finished plan
 * gives its memory back without any other. A plan that needs more than there is fails by itself.
 *
 * <p>Work that runs out of heap nevertheless runs once more, alone: it then has all of this.
 */
public final class PlanMemory {

  private static final Logger LOG = LoggerFactory.getLogger(PlanMemory.class);

  /** Unit of the budget, in bytes; a plan begins with one. */
  static final int SHARE = 64 << 10;

  /**
   * How many times its length a bundle takes while it is checked: itself, the payload, and its
   * encoding or what is made of it.
   */
  private static final int COPIES = 3;

  private static final Remedy LARGER_HEAP =
      Remedy.text(
          "Give it a larger heap (-Xmx in COUNTERSIGN_JAVA_OPTS, or"
              + " jobmanager.memory.process.size on a cluster), or split the model.");

  private static final PlanMemory OF_THIS_PROCESS = shared();

  /** What the work on a thread holds. */
  private static final ThreadLocal<@Nullable Taken> CURRENT = new ThreadLocal<>();

  private final int shares;
  private final Semaphore free;

  private PlanMemory(int shares, Semaphore free) {
    this.shares = shares;
    this.free = free;
  }

  /** A budget of its own, of at least one share. */
  PlanMemory(long bytes) {
    this(sharesOf(bytes), new Semaphore(sharesOf(bytes), true));
  }

  /** Returns the one for all jobs of this process: three quarters of its heap. */
  public static PlanMemory ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  private static PlanMemory shared() {
    int shares = sharesOf(Runtime.getRuntime().maxMemory() / 4 * 3);
    return new PlanMemory(shares, ProcessBudget.of("plan.memory", SHARE, shares));
  }

  private static int sharesOf(long bytes) {
    return (int) Math.max(1, Math.min(bytes / SHARE, Integer.MAX_VALUE));
  }

  /**
   * Ends work from within: because it needs more than there is now and has to start again, or
   * because nobody waits for it. Whoever catches all exceptions of such work lets this pass.
   */
  public static final class EndOfWork extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Shares that the work needs; 0 if it was given up. */
    private final long needed;

    private EndOfWork(long needed) {
      super(needed == 0 ? "the work was given up" : "more memory is needed", null, false, false);
      this.needed = needed;
    }
  }

  /** Memory that is held until it is closed; closing it again does nothing. Thread safe. */
  public final class Taken implements AutoCloseable {
    private long bytes;
    private int held;

    /** What is not given back before the end, or it might have to be waited for again. */
    private int ahead;

    private boolean closed;

    /** Waits until there is so much, and takes it. */
    private void reserve(int wanted, Runnable waits) {
      while (true) {
        requireOpen();
        try {
          // In the order of those that wait.
          if (!free.tryAcquire(wanted, 0, TimeUnit.MILLISECONDS)) {
            waits.run();
            free.acquire(wanted);
          }
          break;
        } catch (InterruptedException e) {
          // Closed, or not for this.
        }
      }
      synchronized (this) {
        held += wanted;
        ahead = wanted;
        if (closed) {
          release(0);
        }
      }
      requireOpen();
    }

    private synchronized void requireOpen() {
      if (closed) {
        throw new EndOfWork(0);
      }
    }

    /** Takes more, or gives back what is negative. */
    private synchronized void add(long more) {
      requireOpen();
      bytes = Math.max(0, Math.addExact(bytes, more));
      long missing = shares(bytes) - held;
      if (missing > 0) {
        // Whoever waits for much comes first.
        if (held + missing > shares || free.hasQueuedThreads() || !free.tryAcquire((int) missing)) {
          throw new EndOfWork(held + missing);
        }
        held += (int) missing;
      }
      release(Math.max(shares(bytes), ahead));
    }

    /**
     * Takes over what other work holds, as far as its result needs it.
     *
     * @param kept how much, in bytes
     */
    public synchronized void takeOver(Taken other, long kept) {
      bytes += kept;
      held += other.handOver();
      release(closed ? 0 : shares(bytes));
    }

    /** Gives back so many bytes of what was taken over. */
    public synchronized void giveBack(long some) {
      bytes -= some;
      release(closed ? 0 : shares(bytes));
    }

    private synchronized int handOver() {
      int all = held;
      held = 0;
      return all;
    }

    private void release(long needed) {
      int spare = (int) Math.max(0, held - needed);
      held -= spare;
      free.release(spare);
    }

    @Override
    public synchronized void close() {
      closed = true;
      release(0);
    }
  }

  private static long shares(long bytes) {
    return (bytes + SHARE - 1) / SHARE;
  }

  /** Returns an account without memory, for results of work. */
  public Taken nothing() {
    return new Taken();
  }

  /**
   * Does work on this thread that takes memory by {@link #take}; it may be done more than once. On
   * a thread of a {@link GuardedPool} the memory is held until the result is delivered.
   *
   * @param model what it is about, for the message
   * @throws ModelFailure of {@link FailureReason#LIMIT_EXCEEDED} if there will never be enough
   */
  public <T> T run(String model, Supplier<T> work) throws ModelFailure {
    return run(model, () -> {}, work);
  }

  /**
   * As the other one.
   *
   * @param waits called when the work has to wait for memory, and has given back all that it had;
   *     {@code work} is called when it has waited
   */
  public <T> T run(String model, Runnable waits, Supplier<T> work) throws ModelFailure {
    if (CURRENT.get() != null) {
      return work.get(); // A part of work that can start again.
    }
    int ahead = 1;
    while (true) {
      Taken taken = new Taken();
      boolean delivers = GuardedPool.waitsFor(taken);
      boolean done = false;
      try {
        taken.reserve(ahead, waits);
        GuardedPool.progressed();
        CURRENT.set(taken);
        T result = work.get();
        done = true;
        return result;
      } catch (EndOfWork e) {
        if (e.needed == 0) {
          throw e;
        }
        if (e.needed > shares) {
          throw new ModelFailure(
              FailureReason.LIMIT_EXCEEDED,
              Message.of(
                  "Planning %s takes more than the %d MiB that this process has for plans.",
                  Printable.of(model), mebibytes()),
              LARGER_HEAP);
        }
        ahead = (int) Math.min(shares, Math.max(2L * ahead, e.needed));
      } catch (OutOfMemoryError e) {
        if (ahead == shares) {
          throw ModelFailure.outOfMemory(model);
        }
        ahead = shares;
        LOG.warn("Planning {} took all memory, and is done again alone", Printable.of(model));
      } finally {
        CURRENT.remove();
        if (!done || !delivers) {
          taken.close();
        }
      }
    }
  }

  /** What the work on this thread holds; null if it holds nothing. */
  static @Nullable Taken current() {
    return CURRENT.get();
  }

  /** How much nobody holds now, in bytes. */
  long available() {
    return (long) free.availablePermits() * SHARE;
  }

  /** Whether somebody waits for more. */
  boolean isAwaited() {
    return free.hasQueuedThreads();
  }

  private long mebibytes() {
    return ((long) shares * SHARE) >> 20;
  }

  /**
   * Takes memory for the work that {@link #run} does on this thread; on other threads this does
   * nothing. To be called before the memory is used.
   *
   * @param bytes how many; negative to give back
   */
  public static void take(long bytes) {
    Taken taken = CURRENT.get();
    if (taken != null) {
      taken.add(bytes);
    }
  }

  /** Memory of a part of the work that is given back at the end of that part. */
  public interface Part extends AutoCloseable {
    @Override
    void close();
  }

  /** Begins a part of the work; what it takes from here on is given back when that is closed. */
  public static Part part() {
    Taken taken = CURRENT.get();
    long before = taken == null ? 0 : taken.bytes;
    return () -> {
      if (taken != null) {
        taken.add(Math.min(0, before - taken.bytes));
      }
    };
  }

  /**
   * Takes what checking a bundle needs. Once it is closed, the work still has what the bundle's
   * statement takes.
   *
   * @param bundle where it is stored, for the message
   * @param length in bytes
   * @throws ModelFailure of {@link FailureReason#LIMIT_EXCEEDED} if there will never be enough
   */
  public Part check(String bundle, long length) throws ModelFailure {
    if (length > (long) shares * SHARE / COPIES) {
      throw new ModelFailure(
          FailureReason.LIMIT_EXCEEDED,
          Message.of(
              "%s has %d bytes, and checking a bundle takes about %d times its length, more than"
                  + " the %d MiB that this process has for plans.",
              Printable.of(bundle), length, COPIES, mebibytes()),
          LARGER_HEAP);
    }
    take(length);
    Part checking = part();
    take((COPIES - 1) * length);
    return checking;
  }
}
