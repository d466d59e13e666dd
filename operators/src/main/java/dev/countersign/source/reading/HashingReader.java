package dev.countersign.source.reading;

import dev.countersign.metrics.ReaderMetrics;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.source.pool.ReadRate;
import dev.countersign.source.signals.EnumeratorEvent;
import dev.countersign.source.signals.ProcessIdentity;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import dev.countersign.source.signals.RunSignals;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.groups.OperatorIOMetricGroup;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reader that pulls work units, has {@link HashingPool} hash them, and emits a record for each.
 *
 * <p>A unit stays in this reader's state until its record is emitted or, if there is none, until
 * the enumerator has confirmed the answer about it ({@link EnumeratorEvent.AnswerTaken}). The
 * task's thread never waits for a lane, so a checkpoint never waits for a read. Not derived from
 * {@code SourceReaderBase}, whose fetcher can lose the batch of an idle split at close
 * (FLINK-40660).
 *
 * <p>All methods are called by the task's thread.
 */
public final class HashingReader implements SourceReader<UnitRecord, ModelSplit> {

  private static final Logger LOG = LoggerFactory.getLogger(HashingReader.class);

  /** Units to ask for beyond what lanes can take, so that a lane never waits for an answer. */
  private static final int AHEAD = 1;

  /** How many times as many small files to have as are read at once, for the same reason. */
  private static final int FILES_AHEAD = 2;

  private final SourceReaderContext context;
  private final ReaderMetrics metrics;
  private final OutcomeQueue outcomes = new OutcomeQueue();
  private final UnitPool lanes;
  private final int room;
  private final int depth;
  private final Map<UnitId, ModelSplit> inHand = new LinkedHashMap<>();
  private final String runId;
  private final String process = ProcessIdentity.current();
  private final Thread leaving = new Thread(this::announceLeaving, "countersign-leaving");

  /** Units that were asked for and not answered. */
  private int asked;

  private boolean endsEarly;
  private ReaderEvent.@Nullable PassedBarrier passedBarrier;
  private boolean noMoreSplits;

  public HashingReader(
      SourceReaderContext context, String runId, ReadSettings settings, int maxDifferences) {
    this(
        context,
        runId,
        settings.lanes(),
        settings.depth(),
        (metrics, outcomes) ->
            new HashingPool(
                settings,
                maxDifferences,
                settings.bytesPerSecond() == 0
                    ? ReadRate.unlimited()
                    : ReadRate.join(runId, settings.bytesPerSecond(), context.currentParallelism()),
                metrics,
                outcomes));
  }

  /** A reader that has its units hashed by a pool of so many lanes and threads for small files. */
  HashingReader(
      SourceReaderContext context,
      String runId,
      int lanes,
      int depth,
      BiFunction<ReaderMetrics, Consumer<UnitPool.UnitOutcome>, UnitPool> pool) {
    this.runId = runId;
    this.context = context;
    this.metrics = ReaderMetrics.in(context.metricGroup());
    this.lanes = pool.apply(metrics, outcomes::add);
    this.room = lanes + AHEAD;
    this.depth = depth;
    this.asked = room;
  }

  @Override
  public void start() {
    context.sendSourceEventToCoordinator(
        new ReaderEvent.Started(process, room, machine(context.getLocalHostName())));
    try {
      Runtime.getRuntime().addShutdownHook(leaving);
    } catch (IllegalStateException e) {
      // The process is ending already.
      announceLeaving();
    }
    RunSignals.listen(runId, this, outcomes::wakeUp);
  }

  /**
   * Returns the names by which a store may know this machine: Flink's, which is an address unless
   * {@code taskmanager.network.bind-policy} says otherwise, and the addresses that it stands for.
   */
  static List<String> machine(String host) {
    Set<String> names = new LinkedHashSet<>();
    String lower = host.toLowerCase(Locale.ROOT);
    String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    names.add(name);
    try {
      for (InetAddress address : InetAddress.getAllByName(name)) {
        names.add(address.getHostAddress());
      }
    } catch (UnknownHostException e) {
      LOG.debug("Only its name is known of {}", host, e);
    }
    return List.copyOf(names);
  }

  /** Called by a shutdown hook: the task's thread may be busy, and Flink disconnects soon. */
  private void announceLeaving() {
    context.sendSourceEventToCoordinator(new ReaderEvent.ProcessLeaves(process));
  }

  @Override
  public InputStatus pollNext(ReaderOutput<UnitRecord> output) {
    if (passOn()) {
      return InputStatus.MORE_AVAILABLE;
    }
    UnitPool.UnitOutcome outcome = outcomes.poll();
    if (outcome != null) {
      answer(outcome, output);
      return InputStatus.MORE_AVAILABLE;
    }
    // What was told since the first time: its wake-up may just have been taken for used.
    if (passOn()) {
      return InputStatus.MORE_AVAILABLE;
    }
    return noMoreSplits && inHand.isEmpty()
        ? InputStatus.END_OF_INPUT
        : InputStatus.NOTHING_AVAILABLE;
  }

  /** Passes on what else there is to say to the enumerator, if there is anything. */
  private boolean passOn() {
    if (!endsEarly && RunSignals.endsEarly(runId)) {
      endsEarly = true;
      context.sendSourceEventToCoordinator(new ReaderEvent.EndEarly());
      return true;
    }
    if (passedBarrier != null) {
      context.sendSourceEventToCoordinator(passedBarrier);
      passedBarrier = null;
      return true;
    }
    EndedModel ended = RunSignals.poll(runId);
    if (ended != null) {
      context.sendSourceEventToCoordinator(ended);
      return true;
    }
    return false;
  }

  private void answer(UnitPool.UnitOutcome outcome, ReaderOutput<UnitRecord> output) {
    UnitId id = outcome.id();
    int units = Math.max(0, unitsToHave() - (asked - 1));
    asked += units - 1;
    if (outcome instanceof UnitPool.UnitOutcome.Fatal fatal) {
      ProcessIdentity.renew();
      throw new FlinkRuntimeException("A lane failed on unit " + id, fatal.cause());
    }
    if (outcome instanceof UnitPool.UnitOutcome.Done done) {
      // What Flink's own pages show of a source; what was read of a unit that fails is not in it.
      OperatorIOMetricGroup shown = context.metricGroup().getIOMetricGroup();
      shown.getNumBytesInCounter().inc(done.record().getBytes());
      shown.getNumRecordsInCounter().inc(done.record().getFiles());
      output.collect(done.record());
      metrics.units().inc();
      inHand.remove(id);
    }
    context.sendSourceEventToCoordinator(event(outcome, units));
  }

  private static ReaderEvent event(UnitPool.UnitOutcome outcome, int units) {
    UnitId id = outcome.id();
    if (outcome instanceof UnitPool.UnitOutcome.Broken broken) {
      return new ReaderEvent.Failed(id, units, broken.failure());
    }
    return outcome instanceof UnitPool.UnitOutcome.Cancelled
        ? new ReaderEvent.GivenBack(id, units)
        : new ReaderEvent.Finished(id, units);
  }

  /**
   * How many units this reader should have or have asked for: what keeps lanes busy and, if there
   * are small files in remote stores among those it has, what has enough of these.
   */
  private int unitsToHave() {
    int units = 0;
    int files = 0;
    for (ModelSplit split : inHand.values()) {
      int small = HashingPool.smallFiles(split.unit());
      units += small > 0 ? 1 : 0;
      files += small;
    }
    int wanted = FILES_AHEAD * depth * units;
    return room + (files == 0 ? 0 : (wanted + files - 1) / files);
  }

  @Override
  public List<ModelSplit> snapshotState(long checkpointId) {
    // Told with the next poll: not before the task has told Flink the same, which opens the way.
    passedBarrier = new ReaderEvent.PassedBarrier(checkpointId);
    outcomes.wakeUp();
    return inHand.values().stream().map(split -> split.identity(process)).toList();
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    return outcomes.available();
  }

  @Override
  public void addSplits(List<ModelSplit> splits) {
    for (ModelSplit split : splits) {
      inHand.put(split.id(), split);
      lanes.submit(split);
    }
  }

  @Override
  public void notifyNoMoreSplits() {
    noMoreSplits = true;
    outcomes.wakeUp();
  }

  @Override
  public void handleSourceEvents(SourceEvent event) {
    if (event instanceof EnumeratorEvent.CancelModel cancel) {
      lanes.cancel(cancel.entryId(), cancel.attempt());
    } else if (event instanceof EnumeratorEvent.AnswerTaken taken) {
      inHand.remove(taken.id());
      outcomes.wakeUp();
    }
  }

  @Override
  public void close() {
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(leaving);
    } catch (IllegalStateException e) {
      LOG.debug("The process is ending, and has announced it");
    }
    RunSignals.forget(runId, this);
    lanes.close();
  }

  /**
   * Outcomes on their way from lanes to the task's thread, with Flink's kind of availability.
   * Thread safe.
   */
  static final class OutcomeQueue {

    private final Queue<UnitPool.UnitOutcome> outcomes = new ArrayDeque<>();
    private CompletableFuture<Void> available = new CompletableFuture<>();

    synchronized void add(UnitPool.UnitOutcome outcome) {
      outcomes.add(outcome);
      available.complete(null);
    }

    /** Makes the queue look available once, so that the task asks what has changed. */
    synchronized void wakeUp() {
      available.complete(null);
    }

    /** The next outcome, or null; in that case {@link #available} completes when there is one. */
    synchronized UnitPool.@Nullable UnitOutcome poll() {
      UnitPool.UnitOutcome next = outcomes.poll();
      if (next == null && available.isDone()) {
        available = new CompletableFuture<>();
      }
      return next;
    }

    synchronized CompletableFuture<Void> available() {
      return available;
    }
  }
}
