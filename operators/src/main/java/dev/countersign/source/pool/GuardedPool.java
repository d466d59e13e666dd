package dev.countersign.source.pool;

import dev.countersign.text.Printable;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that work on models, and a watchdog over them. Threads are started for work and end when
 * there is none for a while. Work that does not get on for the stall timeout is given up: it has
 * stalled, and a new thread takes the place of the one that hangs, since a listing or a read that
 * hangs in a system call cannot be ended.
 *
 * <p>Thread safe. Answers come from any thread, exactly one for each piece of work, or none after
 * {@link #close}.
 *
 * @param <T> what a piece of work comes to
 */
public final class GuardedPool<T> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(GuardedPool.class);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static final Duration IDLE = Duration.ofSeconds(30);

  /**
   * How many threads of a pool may hang. When it is that many, no other threads take their places;
   * when none is left at all, work fails without being begun, until one gets on again.
   */
  static final int MAX_HANGING = 64;

  private final String name;
  private final int threads;
  private final Duration stallTimeout;
  private final Duration idle;
  private final Consumer<Thread> starter;
  private final BlockingQueue<Job<T>> queue = new LinkedBlockingQueue<>();
  private final Set<Worker> running = ConcurrentHashMap.newKeySet();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger hanging = new AtomicInteger();
  private @Nullable Thread watchdog;
  private volatile boolean closed;

  /**
   * A pool without threads.
   *
   * @param name what the names of the threads begin with
   * @param threads how many there are at most, apart from those that hang
   */
  public GuardedPool(String name, int threads, Duration stallTimeout) {
    this(name, threads, stallTimeout, IDLE, Thread::start);
  }

  /** A pool whose threads are started in that way and end after so long without work. */
  GuardedPool(
      String name, int threads, Duration stallTimeout, Duration idle, Consumer<Thread> starter) {
    this.name = name;
    this.threads = threads;
    this.stallTimeout = stallTimeout;
    this.idle = idle;
    this.starter = starter;
  }

  /** One piece of work, as {@link #submit} takes it. */
  private record Job<T>(
      String model,
      Supplier<T> task,
      Supplier<T> stalled,
      Consumer<T> done,
      Consumer<Throwable> broken,
      AtomicBoolean answered) {}

  /**
   * Has work done.
   *
   * @param model URI of the model that it is about
   * @param task does it
   * @param stalled makes the result of work that is given up
   * @param done gets the result
   * @param broken gets what {@code task} throws, which it should not
   */
  public synchronized void submit(
      String model,
      Supplier<T> task,
      Supplier<T> stalled,
      Consumer<T> done,
      Consumer<Throwable> broken) {
    if (closed) {
      return;
    }
    if (watchdog == null) {
      Thread started = new Thread(this::watch, name + "-watchdog-" + NUMBER.incrementAndGet());
      started.setDaemon(true);
      started.start();
      watchdog = started;
    }
    queue.add(new Job<>(model, task, stalled, done, broken, new AtomicBoolean()));
    open.getAndIncrement();
    startWorkers();
  }

  /** Notes on this thread, if it is one of a pool, that its work has got on. */
  public static void progressed() {
    if (Thread.currentThread() instanceof GuardedPool<?>.Worker worker) {
      worker.lastSign = System.nanoTime();
      worker.waits = false;
    }
  }

  /**
   * Notes that this thread, if it is one of a pool, computes or waits within bounds of its own, and
   * is not given up until it has {@link #progressed}.
   */
  public static void bounded() {
    if (Thread.currentThread() instanceof GuardedPool<?>.Worker worker) {
      worker.waits = true;
    }
  }

  /**
   * Notes that this thread, if it is one of a pool, waits for memory until it has {@link
   * #progressed}. The pool closes the memory when the work is over or given up.
   *
   * @return whether it is one
   */
  static boolean waitsFor(PlanMemory.Taken memory) {
    if (!(Thread.currentThread() instanceof GuardedPool<?>.Worker worker)) {
      return false;
    }
    worker.memory = memory;
    worker.waits = true;
    if (worker.abandoned) {
      memory.close();
    }
    return true;
  }

  /** Has memory that the work of this thread holds taken over, to the extent of its result. */
  public static void handOver(PlanMemory.Taken to, long bytes) {
    if (Thread.currentThread() instanceof GuardedPool<?>.Worker worker && worker.memory != null) {
      to.takeOver(worker.memory, bytes);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    running.forEach(Worker::abandon);
    if (watchdog != null) {
      watchdog.interrupt();
    }
  }

  /** Starts the threads that are missing; if it cannot, the watchdog tries again. */
  private synchronized void startWorkers() {
    while (!closed
        && running.size() < Math.min(threads, open.get())
        && running.size() + hanging.get() < threads + MAX_HANGING) {
      Worker worker = new Worker(name + "-" + NUMBER.incrementAndGet());
      running.add(worker);
      try {
        starter.accept(worker);
      } catch (OutOfMemoryError e) {
        running.remove(worker);
        LOG.warn("No thread {} can be started now: {}", worker.getName(), e.getMessage());
        return;
      }
    }
  }

  private void watch() {
    long pause = Math.max(1, Math.min(1_000, stallTimeout.toMillis() / 4));
    try {
      do {
        TimeUnit.MILLISECONDS.sleep(pause);
        running.forEach(this::giveUpIfSilent);
        startWorkers();
        if (running.isEmpty() && hanging.get() >= MAX_HANGING) {
          failQueued();
        }
      } while (!isOver());
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the watchdog has nothing to do; the next piece of work starts another one. */
  private synchronized boolean isOver() {
    if (running.isEmpty() && open.get() == 0) {
      watchdog = null;
    }
    return closed || watchdog == null;
  }

  private void giveUpIfSilent(Worker worker) {
    Job<T> job = worker.job;
    if (job == null
        || worker.waits
        || System.nanoTime() - worker.lastSign <= stallTimeout.toNanos()
        || !job.answered().compareAndSet(false, true)) {
      return;
    }
    LOG.warn(
        "{} gave up on {}: it did not get on for {}",
        worker.getName(),
        Printable.of(job.model()),
        stallTimeout);
    hanging.getAndIncrement();
    running.remove(worker);
    worker.abandon();
    fail(job);
  }

  private void failQueued() {
    for (Job<T> job = queue.poll(); job != null; job = queue.poll()) {
      if (job.answered().compareAndSet(false, true)) {
        fail(job);
      }
    }
  }

  private void fail(Job<T> job) {
    try {
      if (!closed) {
        job.done().accept(job.stalled().get());
      }
    } catch (RuntimeException | Error e) {
      // Such as no thread to close an input with: nobody else would tell of it.
      job.broken().accept(e);
    } finally {
      open.getAndDecrement();
    }
  }

  /** Returns the next job; null if there is none for long, and the worker is to end. */
  private @Nullable Job<T> next(Worker worker) throws InterruptedException {
    Job<T> next = queue.poll(idle.toMillis(), TimeUnit.MILLISECONDS);
    synchronized (this) {
      next = next == null ? queue.poll() : next;
      if (next == null || closed) {
        running.remove(worker);
        return null;
      }
    }
    return next;
  }

  /** One thread, which knows when its work last got on. */
  private final class Worker extends Thread {
    private volatile @Nullable Job<T> job;
    private volatile long lastSign;
    private volatile boolean waits;
    private volatile boolean abandoned;
    private volatile PlanMemory.@Nullable Taken memory;

    Worker(String name) {
      super(name);
      setDaemon(true);
    }

    /** Ends the thread if anything can, and gives back for others what its work has. */
    void abandon() {
      abandoned = true;
      closeMemory();
      interrupt();
    }

    private void closeMemory() {
      PlanMemory.Taken taken = memory;
      if (taken != null) {
        taken.close();
      }
    }

    @Override
    public void run() {
      try {
        for (Job<T> next = next(this); next != null; next = next(this)) {
          if (!serve(next)) {
            return;
          }
        }
      } catch (InterruptedException e) {
        // Closed.
        LOG.debug("A thread ends", e);
      } finally {
        running.remove(this);
      }
    }

    /** Does a piece of work; false if this thread was abandoned, and must not take another. */
    private boolean serve(Job<T> next) {
      lastSign = System.nanoTime();
      job = next;
      @Nullable T result = null;
      Throwable fault = null;
      try {
        result = next.task().get();
      } catch (RuntimeException | Error e) {
        fault = e;
      }
      job = null;
      waits = false;
      boolean unused = interrupted(); // What work leaves behind does not count for the next.
      if (!next.answered().compareAndSet(false, true)) {
        hanging.getAndDecrement();
        return false;
      }
      try {
        if (!closed) {
          if (result != null) {
            next.done().accept(result);
          } else if (fault != null) {
            next.broken().accept(fault);
          }
        }
      } catch (RuntimeException | Error e) {
        next.broken().accept(e);
      } finally {
        closeMemory();
        memory = null;
        open.getAndDecrement();
      }
      return !abandoned;
    }
  }
}
