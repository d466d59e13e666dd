package dev.countersign.source.reading;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.metrics.ReaderMetrics;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.flink.metrics.Counter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lanes of one reader: threads that hash units. A lane whose read brings no byte for the stall
 * timeout is given up: its unit fails, and the input is closed from outside.
 */
final class HashingPool implements UnitPool {

  private static final Logger LOG = LoggerFactory.getLogger(HashingPool.class);

  private final ReadSettings settings;
  private final int maxDifferences;
  private final ReaderMetrics metrics;
  private final Consumer<UnitOutcome> outcomes;
  private final GuardedPool<UnitOutcome> lanes;
  private final Set<Job> jobs = ConcurrentHashMap.newKeySet();

  /** Hashers that no lane uses now. */
  private final BlockingQueue<UnitHasher> idle;

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
    this.lanes = new GuardedPool<>("countersign-lane", settings.lanes(), settings.stallTimeout());
    this.idle = new ArrayBlockingQueue<>(settings.lanes());
  }

  @Override
  public void submit(ModelSplit split) {
    Job job = new Job(split);
    jobs.add(job);
    lanes.submit(
        job.model,
        () -> outcomeOf(job),
        job::stalled,
        outcome -> report(job, outcome),
        fault -> report(job, new UnitOutcome.Fatal(job.id, fault)));
  }

  @Override
  public void cancel(long entryId, int attempt) {
    for (Job job : jobs) {
      if (job.id.entryId() == entryId && job.id.attempt() == attempt) {
        job.cancelled = true;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    lanes.close();
    closeIdle();
  }

  private void report(Job job, UnitOutcome outcome) {
    jobs.remove(job);
    outcomes.accept(outcome);
  }

  private UnitOutcome outcomeOf(Job job) {
    job.countedUntil = System.nanoTime();
    try {
      return hash(job);
    } finally {
      // All that is not hashing is to open, to read or to close.
      job.count(metrics.reading());
    }
  }

  private UnitOutcome hash(Job job) {
    if (job.cancelled) {
      return new UnitOutcome.Cancelled(job.id);
    }
    try {
      UnitHasher hasher = hasher();
      UnitRecord record;
      try {
        record = hasher.hash(job.unit, job);
      } finally {
        giveBack(hasher, job);
      }
      metrics.files().inc(record.getFiles());
      return new UnitOutcome.Done(job.id, record);
    } catch (UnitHasher.CancelledException e) {
      return new UnitOutcome.Cancelled(job.id);
    } catch (StorageException | ModelFailure e) {
      return new UnitOutcome.Broken(job.id, LibraryFaults.failureOf(e));
    } catch (RuntimeException
        | OutOfMemoryError
        | StackOverflowError
        | InternalError
        | LinkageError
        | AssertionError
        | ServiceConfigurationError e) {
      // Memory, a stack, a file that was cut off while it was mapped, a connector that is not
      // whole: of this unit, and all else can go on.
      LOG.error("Unit {} failed", job.id, e);
      return new UnitOutcome.Broken(job.id, LibraryFaults.failureOf(job.model, e));
    }
  }

  /** Made for a unit: should there be no memory for it, that unit can say so. */
  private UnitHasher hasher() {
    UnitHasher hasher = idle.poll();
    return hasher != null
        ? hasher
        : new UnitHasher(
            settings.bufferBytes(),
            new ReadAhead(Thread.currentThread().getName() + "-reader", settings.bufferBytes()),
            maxDifferences,
            settings.allowsLfsPointers());
  }

  /** Keeps a hasher for the next unit, unless its lane was given up: another has a new one. */
  private void giveBack(UnitHasher hasher, Job job) {
    if (job.stalled || !idle.offer(hasher)) {
      hasher.close();
    }
    if (closed) {
      closeIdle();
    }
  }

  private void closeIdle() {
    for (UnitHasher hasher = idle.poll(); hasher != null; hasher = idle.poll()) {
      hasher.close();
    }
  }

  /** One unit on its way. */
  private final class Job implements UnitHasher.Watch {
    private final WorkUnit unit;
    private final UnitId id;
    private final String model;
    private volatile boolean cancelled;
    private volatile boolean stalled;
    private volatile @Nullable RangeInput input;

    /** Until when the lane's time is counted, as reading or as hashing; the lane's own. */
    private long countedUntil;

    Job(ModelSplit split) {
      this.unit = split.unit();
      this.id = split.id();
      this.model = unit.getHeader().getModel();
    }

    @Override
    public void progressed(int bytes) {
      GuardedPool.progressed();
      count(metrics.reading());
      metrics.bytes().inc(bytes);
    }

    @Override
    public void hashed() {
      count(metrics.hashing());
    }

    private void count(Counter nanos) {
      long now = System.nanoTime();
      nanos.inc(now - countedUntil);
      countedUntil = now;
    }

    @Override
    public void reading(RangeInput reading) {
      GuardedPool.progressed();
      input = reading;
    }

    @Override
    public boolean isCancelled() {
      return cancelled || closed;
    }

    /** The outcome of a unit that is given up; called by the watchdog. */
    private UnitOutcome stalled() {
      stalled = true;
      cancelled = true;
      RangeInput hanging = input;
      if (hanging != null) {
        Thread closer = new Thread(() -> closeQuietly(hanging), "countersign-lane-closer");
        closer.setDaemon(true);
        closer.start();
      }
      return new UnitOutcome.Broken(id, ModelFailure.stalled(model, settings.stallTimeout()));
    }
  }

  private static void closeQuietly(RangeInput input) {
    try {
      input.close();
    } catch (IOException | RuntimeException e) {
      LOG.debug("closing a stalled input failed", e);
    }
  }
}
