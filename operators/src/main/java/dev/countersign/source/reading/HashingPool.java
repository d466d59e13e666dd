package dev.countersign.source.reading;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.metrics.ReaderMetrics;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.time.Duration;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.flink.metrics.Counter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one reader that hash units, and a watchdog over them. A lane whose read brings no
 * byte for the stall timeout is given up: its unit fails, the input is closed from outside, and a
 * new lane takes its place, since a read that hangs in a system call cannot be ended.
 *
 * <p>{@link #submit}, {@link #cancel} and {@link #close} are called by the task's thread; outcomes
 * come from any thread, exactly one for each unit that is submitted, or none after {@link #close}.
 */
final class HashingPool implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HashingPool.class);

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final ReadSettings settings;
  private final int maxDifferences;
  private final ReaderMetrics metrics;
  private final Consumer<UnitOutcome> outcomes;
  private final BlockingQueue<Job> queue = new LinkedBlockingQueue<>();
  private final Set<Job> jobs = ConcurrentHashMap.newKeySet();
  private final Set<Lane> lanes = ConcurrentHashMap.newKeySet();
  private @Nullable Thread watchdog;
  private volatile boolean closed;

  /** No thread is started before the first unit. */
  HashingPool(
      ReadSettings settings,
      int maxDifferences,
      ReaderMetrics metrics,
      Consumer<UnitOutcome> outcomes) {
    this.settings = settings;
    this.maxDifferences = maxDifferences;
    this.metrics = metrics;
    this.outcomes = outcomes;
  }

  void submit(ModelSplit split) {
    start();
    Job job = new Job(split);
    jobs.add(job);
    queue.add(job);
  }

  /** Makes the units of a model end soon, whether they wait or are being read. */
  void cancel(long entryId, int attempt) {
    for (Job job : jobs) {
      if (job.id.entryId() == entryId && job.id.attempt() == attempt) {
        job.cancelled = true;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    lanes.forEach(Lane::interrupt);
    if (watchdog != null) {
      watchdog.interrupt();
    }
  }

  private void start() {
    if (watchdog != null) {
      return;
    }
    for (int i = 0; i < settings.lanes(); i++) {
      startLane();
    }
    watchdog = new Thread(this::watch, "countersign-watchdog-" + NUMBER.incrementAndGet());
    watchdog.setDaemon(true);
    watchdog.start();
  }

  private void startLane() {
    Lane lane = new Lane("countersign-lane-" + NUMBER.incrementAndGet());
    lanes.add(lane);
    lane.start();
  }

  private void watch() {
    Duration stall = settings.stallTimeout();
    long pause = Math.max(1, Math.min(1_000, stall.toMillis() / 4));
    try {
      while (!closed) {
        Thread.sleep(pause);
        for (Lane lane : lanes) {
          Job job = lane.job;
          if (job != null && job.silence() > stall.toNanos()) {
            giveUp(lane, job, stall);
          }
        }
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  private void giveUp(Lane lane, Job job, Duration stall) {
    if (!job.answered.compareAndSet(false, true)) {
      return;
    }
    LOG.warn(
        "{} gave up on {}: no byte for {}",
        lane.getName(),
        Printable.of(job.split.unit().getHeader().getModel()),
        stall);
    lanes.remove(lane);
    lane.interrupt();
    RangeInput input = job.input;
    if (input != null) {
      Thread closer = new Thread(() -> closeQuietly(input), lane.getName() + "-closer");
      closer.setDaemon(true);
      closer.start();
    }
    report(
        job,
        new UnitOutcome.Broken(
            job.id, ModelFailure.stalled(job.split.unit().getHeader().getModel(), stall)));
    startLane();
  }

  private static void closeQuietly(RangeInput input) {
    try {
      input.close();
    } catch (IOException | RuntimeException e) {
      LOG.debug("closing a stalled input failed", e);
    }
  }

  private void report(Job job, UnitOutcome outcome) {
    jobs.remove(job);
    if (!closed) {
      outcomes.accept(outcome);
    }
  }

  /** One unit on its way. */
  private final class Job implements UnitHasher.Watch {
    private final ModelSplit split;
    private final UnitId id;
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile boolean cancelled;
    private volatile @Nullable RangeInput input;
    private volatile long lastSign = System.nanoTime();

    /** Until when the lane's time is counted, as reading or as hashing; the lane's own. */
    private long countedUntil;

    Job(ModelSplit split) {
      this.split = split;
      this.id = split.id();
    }

    void begun() {
      countedUntil = System.nanoTime();
      lastSign = countedUntil;
    }

    @Override
    public void progressed(int bytes) {
      lastSign = count(metrics.reading());
      metrics.bytes().inc(bytes);
    }

    @Override
    public void hashed() {
      var unused = count(metrics.hashing());
    }

    /** All that is not hashing is to open, to read or to close. */
    void ended() {
      var unused = count(metrics.reading());
    }

    private long count(Counter nanos) {
      long now = System.nanoTime();
      nanos.inc(now - countedUntil);
      countedUntil = now;
      return now;
    }

    @Override
    public void reading(RangeInput reading) {
      lastSign = System.nanoTime();
      input = reading;
    }

    @Override
    public boolean isCancelled() {
      return cancelled || closed || answered.get();
    }

    /** Nanoseconds since the last sign of life. */
    long silence() {
      return System.nanoTime() - lastSign;
    }
  }

  /** One thread and its buffers. */
  private final class Lane extends Thread {
    private volatile @Nullable Job job;
    private @Nullable UnitHasher hasher;

    Lane(String name) {
      super(name);
      setDaemon(true);
    }

    @Override
    public void run() {
      try (ReadAhead readAhead = new ReadAhead(getName() + "-reader", settings.bufferBytes())) {
        boolean kept = true;
        while (kept && !closed) {
          kept = serve(queue.take(), readAhead);
        }
      } catch (InterruptedException e) {
        // Closed, or given up.
        Thread.currentThread().interrupt();
      }
    }

    /** Does one unit; false if this lane was given up meanwhile, and must not take another. */
    private boolean serve(Job next, ReadAhead readAhead) {
      next.begun();
      job = next;
      UnitOutcome outcome = outcomeOf(next, readAhead);
      next.ended();
      job = null;
      if (!next.answered.compareAndSet(false, true)) {
        return false;
      }
      report(next, outcome);
      return true;
    }

    private UnitOutcome outcomeOf(Job next, ReadAhead readAhead) {
      if (next.cancelled) {
        return new UnitOutcome.Cancelled(next.id);
      }
      try {
        UnitRecord record = hasher(readAhead).hash(next.split.unit(), next);
        metrics.files().inc(record.getFiles());
        return new UnitOutcome.Done(next.id, record);
      } catch (UnitHasher.CancelledException e) {
        return new UnitOutcome.Cancelled(next.id);
      } catch (StorageException | ModelFailure e) {
        return new UnitOutcome.Broken(next.id, LibraryFaults.failureOf(e));
      } catch (RuntimeException
          | OutOfMemoryError
          | StackOverflowError
          | InternalError
          | LinkageError
          | AssertionError
          | ServiceConfigurationError e) {
        // Memory, a stack, a file that was cut off while it was mapped, a connector that is not
        // whole: of this unit, and all else can go on.
        LOG.error("Unit {} failed", next.id, e);
        String model = next.split.unit().getHeader().getModel();
        return new UnitOutcome.Broken(next.id, LibraryFaults.failureOf(model, e));
      } catch (Error e) {
        return new UnitOutcome.Fatal(next.id, e);
      }
    }

    /** Made for the first unit: should there be no memory for it, that unit can say so. */
    private UnitHasher hasher(ReadAhead readAhead) {
      UnitHasher made = hasher;
      if (made == null) {
        made =
            new UnitHasher(
                settings.bufferBytes(), readAhead, maxDifferences, settings.allowsLfsPointers());
        hasher = made;
      }
      return made;
    }
  }
}
