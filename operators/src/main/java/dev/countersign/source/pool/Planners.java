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
 * The threads that plan models, and a watchdog over them. A planning that does not get on for the
 * stall timeout is given up: its model has stalled, and a new thread takes the place of the one
 * that hangs, since a listing or a read that hangs in a system call cannot be ended.
 *
 * <p>Thread safe. Answers come from any thread, exactly one for each model, or none after {@link
 * #close}.
 *
 * @param <T> what planning a model comes to
 */
public final class Planners<T> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Planners.class);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final int threads;
  private final Duration stallTimeout;
  private final BlockingQueue<Job<T>> queue = new LinkedBlockingQueue<>();
  private final Set<PlannerThread> running = ConcurrentHashMap.newKeySet();
  private @Nullable Thread watchdog;
  private volatile boolean closed;

  /** No thread is started before the first model. */
  public Planners(int threads, Duration stallTimeout) {
    this.threads = threads;
    this.stallTimeout = stallTimeout;
  }

  /** One model to plan. */
  private static final class Job<T> {
    private final String model;
    private final Supplier<T> task;
    private final Supplier<T> stalled;
    private final Consumer<T> planned;
    private final Consumer<Throwable> broken;
    private final AtomicBoolean answered = new AtomicBoolean();

    Job(
        String model,
        Supplier<T> task,
        Supplier<T> stalled,
        Consumer<T> planned,
        Consumer<Throwable> broken) {
      this.model = model;
      this.task = task;
      this.stalled = stalled;
      this.planned = planned;
      this.broken = broken;
    }
  }

  /**
   * Has a model planned.
   *
   * @param model its URI
   * @param task plans it
   * @param stalled makes the plan of a model whose planning is given up
   * @param planned gets the plan
   * @param broken gets what {@code task} throws, which it should not
   */
  public synchronized void submit(
      String model,
      Supplier<T> task,
      Supplier<T> stalled,
      Consumer<T> planned,
      Consumer<Throwable> broken) {
    start();
    queue.add(new Job<>(model, task, stalled, planned, broken));
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
      startPlanner();
    }
    watchdog = new Thread(this::watch, "countersign-planning-watchdog-" + NUMBER.incrementAndGet());
    watchdog.setDaemon(true);
    watchdog.start();
  }

  private void startPlanner() {
    PlannerThread planner =
        new PlannerThread(this::serve, "countersign-planner-" + NUMBER.incrementAndGet());
    running.add(planner);
    planner.start();
  }

  private void serve(PlannerThread planner) {
    try {
      boolean kept = true;
      while (kept && !closed) {
        kept = plan(queue.take(), planner);
      }
    } catch (InterruptedException e) {
      // Closed, or given up.
      Thread.currentThread().interrupt();
    }
  }

  /** Plans one model; false if the thread was given up meanwhile, and must not take another. */
  private boolean plan(Job<T> job, PlannerThread planner) {
    planner.begin(() -> giveUp(planner, job));
    @Nullable T plan = null;
    Throwable fault = null;
    try {
      plan = job.task.get();
    } catch (RuntimeException | Error e) {
      fault = e;
    }
    planner.end();
    if (!job.answered.compareAndSet(false, true)) {
      return false;
    }
    if (!closed) {
      if (plan != null) {
        job.planned.accept(plan);
      } else if (fault != null) {
        job.broken.accept(fault);
      }
    }
    return true;
  }

  private void watch() {
    long pause = Math.max(1, Math.min(1_000, stallTimeout.toMillis() / 4));
    try {
      while (!closed) {
        TimeUnit.MILLISECONDS.sleep(pause);
        running.forEach(planner -> planner.giveUpIfSilentFor(stallTimeout));
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  private void giveUp(PlannerThread planner, Job<T> job) {
    if (!job.answered.compareAndSet(false, true)) {
      return;
    }
    LOG.warn(
        "{} gave up planning {}: it did not get on for {}",
        planner.getName(),
        Printable.of(job.model),
        stallTimeout);
    running.remove(planner);
    planner.abandon();
    if (!closed) {
      startPlanner();
      job.planned.accept(job.stalled.get());
    }
  }
}
