package dev.countersign.source.reading;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.hashing.HashKernels;
import dev.countersign.metrics.ReaderMetrics;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.source.pool.ReadRate;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitCutter;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WorkUnits;
import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.apache.flink.metrics.Counter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one reader that hash units. A unit on a local disk is hashed by one lane, range by
 * range. In a remote store, where each file takes several round trips, the ranges of a unit are
 * read side by side: small ones by as many threads as {@link ReadSettings#depth} says, of which as
 * many as there are lanes hash at a time; large ones by lanes, which read ahead. What is found out
 * is put together in the order of the ranges, so the record of a unit is the same wherever it is
 * stored. A unit that is tried again is read like one on a local disk.
 *
 * <p>A store that answers each part of a file with a request of its own is read by {@link
 * RangePump}, which repeats requests that fail; so the failure of such a unit is final.
 *
 * <p>{@link ReadBuffers} bounds the memory of buffers, whatever the depth.
 *
 * <p>A thread whose read brings no byte for the stall timeout is given up: its unit fails, the
 * input is closed from outside, and another thread takes its place.
 */
final class HashingPool implements UnitPool {

  private static final Logger LOG = LoggerFactory.getLogger(HashingPool.class);

  private final ReadSettings settings;
  private final int maxDifferences;
  private final HashKernels kernels;
  private final ReaderMetrics metrics;
  private final Consumer<UnitOutcome> outcomes;
  private final GuardedPool<Optional<UnitOutcome>> lanes;
  private final GuardedPool<Optional<UnitOutcome>> smallFiles;
  private final Semaphore cores;
  private final ReadBuffers buffers;
  private final RangePump pump;
  private final ReadRate rate;
  private final Set<Job> jobs = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  /**
   * No thread is started before the first unit.
   *
   * @param rate how fast files may be read; closed with this pool
   */
  HashingPool(
      ReadSettings settings,
      int maxDifferences,
      ReadRate rate,
      ReaderMetrics metrics,
      Consumer<UnitOutcome> outcomes) {
    this.settings = settings;
    this.maxDifferences = maxDifferences;
    this.kernels = HashKernels.of(settings.kernels());
    this.metrics = metrics;
    this.outcomes = outcomes;
    this.lanes = new GuardedPool<>("countersign-lane", settings.lanes(), settings.stallTimeout());
    this.smallFiles =
        new GuardedPool<>("countersign-small-files", settings.depth(), settings.stallTimeout());
    this.cores = new Semaphore(settings.lanes());
    this.buffers = new ReadBuffers(settings);
    this.pump = new RangePump(settings, buffers);
    this.rate = rate;
  }

  /** How many ranges of a unit are read by threads for small files rather than by a lane. */
  static int smallFiles(WorkUnit unit) {
    return (int) sideBySide(unit).stream().filter(UnitHasher::isSmall).count();
  }

  /**
   * The ranges of a unit that are read side by side; none if one lane does all of it. So it is if
   * the unit has failed before: a store that hangs would keep a thread for each range at each try,
   * and one that is busy should be asked less.
   */
  private static List<UnitRange> sideBySide(WorkUnit unit) {
    return Storages.isRemote(unit.getHeader().getModel()) && unit.getRetries() == 0
        ? UnitHasher.unread(unit)
        : List.of();
  }

  @Override
  public void submit(ModelSplit split) {
    Job job = new Job(split);
    jobs.add(job);
    for (Part part : job.parts) {
      (part.isSmall() ? smallFiles : lanes)
          .submit(
              job.model,
              part::hash,
              part::stalled,
              outcome -> job.ended(part, outcome),
              fault -> report(job, new UnitOutcome.Fatal(job.id, fault)));
    }
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
    smallFiles.close();
    pump.close();
    buffers.close();
    rate.close();
  }

  private void report(Job job, UnitOutcome outcome) {
    if (jobs.remove(job)) {
      metrics.requests().add(job.requests.byKind());
      outcomes.accept(outcome);
    }
  }

  /** Work on a unit; what it comes to is the unit's outcome, or empty if that is still open. */
  @FunctionalInterface
  private interface Work {
    Optional<UnitOutcome> run()
        throws StorageException, UnitHasher.CancelledException, ModelFailure;
  }

  private static Optional<UnitOutcome> attempt(Job job, Work work) {
    try {
      return work.run();
    } catch (UnitHasher.CancelledException e) {
      return Optional.of(new UnitOutcome.Cancelled(job.id));
    } catch (StorageException | ModelFailure e) {
      return Optional.of(new UnitOutcome.Broken(job.id, LibraryFaults.failureOf(e)));
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
      return Optional.of(new UnitOutcome.Broken(job.id, LibraryFaults.failureOf(job.model, e)));
    }
  }

  /** One unit on its way, in one part or several. */
  private final class Job {
    private final WorkUnit unit;
    private final UnitId id;
    private final String model;
    private final List<Part> parts = new ArrayList<>();
    private final RequestCounts requests = new RequestCounts();
    private volatile boolean cancelled;

    /** The first part that decides the unit's outcome; it has ended, and those after it may. */
    private volatile int decisive = Integer.MAX_VALUE;

    // Guarded by this.
    private Optional<UnitOutcome> decided = Optional.empty();
    private int open;

    Job(ModelSplit split) {
      this.unit = split.unit();
      this.id = split.id();
      this.model = unit.getHeader().getModel();
      sideBySide(unit).forEach(range -> parts.add(new Part(this, parts.size(), range)));
      if (parts.isEmpty()) {
        parts.add(new Part(this, 0, null));
      }
      this.open = parts.size();
    }

    /**
     * Takes how a part has ended; the last one ends the unit. Of several that failed, the first
     * counts, as if the ranges had been read one after the other.
     */
    void ended(Part part, Optional<UnitOutcome> outcome) {
      synchronized (this) {
        if (outcome.isPresent() && part.index < decisive) {
          decisive = part.index;
          decided = outcome;
        }
        open--;
        if (open > 0) {
          return;
        }
      }
      report(this, decided.or(() -> attempt(this, this::putTogether)).orElseThrow());
    }

    private Optional<UnitOutcome> putTogether() throws ModelFailure {
      UnitFindings findings = UnitHasher.withoutReading(unit, maxDifferences, kernels);
      for (Part part : parts) {
        findings.add(Objects.requireNonNull(part.findings, "a part that ended has findings"));
      }
      return done(findings.finish(settings.allowsLfsPointers()));
    }

    private Optional<UnitOutcome> done(UnitRecord record) {
      metrics.files().inc(record.getFiles());
      record.setRequests(requests.byKind());
      return Optional.of(new UnitOutcome.Done(id, record));
    }
  }

  /** A whole unit, or one range of it. Ends a unit if it fails, or is all of it. */
  private final class Part implements UnitHasher.Watch, UnitHasher.Lender {
    private final Job job;
    private final int index;
    private final @Nullable UnitRange range;
    private volatile @Nullable Closeable input;
    private volatile ReadBuffers.@Nullable Borrowed borrowed;
    private ReadBuffers.@Nullable Lent lent;
    private @Nullable UnitFindings findings;

    /** Until when the thread's time is counted, as reading or as hashing. */
    private long countedUntil;

    private boolean hashes;

    /** A part of {@code job}; the whole unit if {@code range} is null. */
    Part(Job job, int index, @Nullable UnitRange range) {
      this.job = job;
      this.index = index;
      this.range = range;
    }

    boolean isSmall() {
      return range != null && UnitHasher.isSmall(range);
    }

    Optional<UnitOutcome> hash() {
      countedUntil = System.nanoTime();
      try (RequestCounts.Scope scope = job.requests.scope()) {
        return attempt(job, this::read);
      } finally {
        // All that is not hashing is to open, to read or to close.
        count(metrics.reading());
        leaveCore();
      }
    }

    private Optional<UnitOutcome> read()
        throws StorageException, UnitHasher.CancelledException, ModelFailure {
      if (isCancelled()) {
        throw new UnitHasher.CancelledException();
      }
      UnitHasher hasher =
          new UnitHasher(this, pump, maxDifferences, settings.allowsLfsPointers(), kernels);
      try {
        if (range == null) {
          return job.done(hasher.hash(job.unit, this));
        }
        UnitFindings found =
            new UnitFindings(WorkUnits.empty(job.unit.getHeader(), 0, 0), maxDifferences);
        hasher.read(job.unit, List.of(range), found, this);
        findings = found;
        return Optional.empty();
      } finally {
        giveBack();
      }
    }

    @Override
    public ReadAhead readAhead() throws UnitHasher.CancelledException {
      ReadBuffers.Lent has = lent;
      if (has == null) {
        has =
            range != null && isSmall()
                ? buffers.forSmallFile(UnitCutter.bytesOf(range))
                : buffers.forLane();
        lent = has;
        borrowed = has;
      }
      return has.readAhead();
    }

    @Override
    public void giveBack() {
      ReadBuffers.Lent has = lent;
      lent = null;
      borrowed = null;
      if (has != null) {
        has.giveBack();
      }
    }

    @Override
    public void borrowed(ReadBuffers.@Nullable Borrowed buffer) {
      borrowed = buffer;
    }

    @Override
    public void paced(int bytes) throws UnitHasher.CancelledException {
      try {
        rate.take(bytes, this::isCancelled);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UnitHasher.CancelledException();
      }
    }

    @Override
    public void progressed(int bytes) {
      GuardedPool.progressed();
      if (range != null) {
        cores.acquireUninterruptibly();
        hashes = true;
      }
      count(metrics.reading());
      metrics.bytes().inc(bytes);
    }

    @Override
    public void hashed() {
      count(metrics.hashing());
      leaveCore();
    }

    private void leaveCore() {
      if (hashes) {
        hashes = false;
        cores.release();
      }
    }

    private void count(Counter nanos) {
      long now = System.nanoTime();
      nanos.inc(now - countedUntil);
      countedUntil = now;
    }

    @Override
    public void reading(Closeable reading) {
      GuardedPool.progressed();
      input = reading;
    }

    @Override
    public boolean isCancelled() {
      return job.cancelled || closed || index >= job.decisive;
    }

    /** The outcome of a unit whose part is given up; called by the watchdog. */
    Optional<UnitOutcome> stalled() {
      ReadBuffers.Borrowed has = borrowed;
      if (has != null) {
        has.abandon();
      }
      Closeable hanging = input;
      if (hanging != null) {
        Thread closer = new Thread(() -> closeQuietly(hanging), "countersign-lane-closer");
        closer.setDaemon(true);
        closer.start();
      }
      return Optional.of(
          new UnitOutcome.Broken(job.id, ModelFailure.stalled(job.model, settings.stallTimeout())));
    }
  }

  private static void closeQuietly(Closeable input) {
    try {
      input.close();
    } catch (IOException | RuntimeException e) {
      LOG.debug("closing a stalled input failed", e);
    }
  }
}
