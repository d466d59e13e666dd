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
 * Threads that work on models, and a watchdog over them. Work that does not get on for the stall
 * timeout is given up: it has stalled, and a new thread takes the place of the one that hangs,
 * since a listing or a read that hangs in a system call cannot be ended.
 *
 * <p>Thread safe. Answers come from any thread, exactly one for each piece of work, or none after
 * {@link #close}.
 *
 * @param <T> what a piece of work comes to
 */
public final class GuardedPool<T> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(GuardedPool.class);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final String name;
  private final int threads;
  private final Duration stallTimeout;
  private final BlockingQueue<Job<T>> queue = new LinkedBlockingQueue<>();
  private final Set<Worker> running = ConcurrentHashMap.newKeySet();
  private @Nullable Thread watchdog;
  private volatile boolean closed;

  /**
   * No thread is started before there is work.
   *
   * @param name what the names of the threads begin with
   */
  public GuardedPool(String name, int threads, Duration stallTimeout) {
    this.name = name;
    this.threads = threads;
    this.stallTimeout = stallTimeout;
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
    start();
    queue.add(new Job<>(model, task, stalled, done, broken, new AtomicBoolean()));
  }

  /** Notes on this thread, if it is one of a pool, that its work has got on. */
  public static void progressed() {
    if (Thread.currentThread() instanceof GuardedPool<?>.Worker worker) {
      worker.lastSign = System.nanoTime();
    }
  }

  /** Notes that this thread, if it is one of a pool, waits for memory that other models have. */
  static void waitsForMemory() {
    if (Thread.currentThread() instanceof GuardedPool<?>.Worker worker) {
      worker.waits = true;
    }
  }

  /** Notes what memory this thread, if it is one of a pool, has; given back if it is given up. */
  static void has(BundleMemory.Taken taken) {
    if (Thread.currentThread() instanceof GuardedPool<?>.Worker worker) {
      worker.memory = taken;
      worker.lastSign = System.nanoTime();
      worker.waits = false;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    running.forEach(Thread::interrupt);
    if (watchdog != null) {
      watchdog.interrupt();
    }
  }

  private void start() {
    if (watchdog != null || closed) {
      return;
    }
    for (int i = 0; i < threads; i++) {
      startWorker();
    }
    watchdog = new Thread(this::watch, name + "-watchdog-" + NUMBER.incrementAndGet());
    watchdog.setDaemon(true);
    watchdog.start();
  }

  private void startWorker() {
    Worker worker = new Worker(name + "-" + NUMBER.incrementAndGet());
    running.add(worker);
    worker.start();
  }

  private void watch() {
    long pause = Math.max(1, Math.min(1_000, stallTimeout.toMillis() / 4));
    try {
      while (!closed) {
        TimeUnit.MILLISECONDS.sleep(pause);
        running.forEach(this::giveUpIfSilent);
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
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
    running.remove(worker);
    worker.interrupt();
    BundleMemory.Taken memory = worker.memory;
    if (memory != null) {
      memory.close();
    }
    if (closed) {
      return;
    }
    try {
      job.done().accept(job.stalled().get());
    } catch (RuntimeException | Error e) {
      // Such as no thread to close an input with: nobody else would tell of it.
      job.broken().accept(e);
    }
    startWorker();
  }

  /** One thread, which knows when its work last got on. */
  private final class Worker extends Thread {
    private volatile @Nullable Job<T> job;
    private volatile long lastSign;
    private volatile boolean waits;
    private volatile BundleMemory.@Nullable Taken memory;

    Worker(String name) {
      super(name);
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        boolean kept = true;
        while (kept && !closed) {
          kept = serve(queue.take());
        }
      } catch (InterruptedException e) {
        // Closed, or given up.
        Thread.currentThread().interrupt();
      }
    }

    /** Does a piece of work; false if this thread was given up, and must not take another. */
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
      memory = null;
      waits = false;
      if (!next.answered().compareAndSet(false, true)) {
        return false;
      }
      if (!closed) {
        if (result != null) {
          next.done().accept(result);
        } else if (fault != null) {
          next.broken().accept(fault);
        }
      }
      return true;
    }
  }
}
