package dev.countersign.source;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.metrics.RunMetric;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Plans models on a pool of its own and hands their units to readers that ask; what to do when is
 * {@link UnitLedger}'s to say. All but planning happens in the coordinator's thread.
 */
final class ModelEnumerator implements SplitEnumerator<ModelSplit, EnumeratorState> {

  private final SplitEnumeratorContext<ModelSplit> context;
  private final EntryFeed entries;
  private final UnitLedger ledger;
  private final ModelPlanner planner;
  private final ExecutorService planners;
  private final int plannersAtMost;
  private final long runStarted;
  private final boolean restored;
  private final Queue<Integer> requests = new ArrayDeque<>();
  private int planning;
  private long bytesPlanned;
  private final Set<Integer> signalled = new HashSet<>();
  private volatile boolean closed;

  /**
   * A new enumerator, or one that goes on from {@code saved}.
   *
   * @param now milliseconds since the epoch, taken as the start of the run if it is new
   */
  ModelEnumerator(
      SplitEnumeratorContext<ModelSplit> context,
      EntryFeed entries,
      ModelPlanner planner,
      WindowSettings window,
      @Nullable EnumeratorState saved,
      long now) {
    this.context = context;
    this.entries = entries;
    this.planner = planner;
    this.restored = saved != null;
    this.runStarted = saved == null ? now : saved.getRunStarted();
    this.ledger =
        saved == null
            ? new UnitLedger(entries.size(), window)
            : new UnitLedger(entries.size(), window, saved, context.currentParallelism());
    ledger.readUpTo(entries.end());
    this.plannersAtMost = window.planners();
    this.planners = Executors.newFixedThreadPool(window.planners(), threads());
  }

  @Override
  public void start() {
    gauge(RunMetric.MODELS_TOTAL, entries::size);
    gauge(RunMetric.MODELS_PLANNED, ledger::modelsBegun);
    gauge(RunMetric.MODELS_WAITING, () -> ledger.modelsBegun() - ledger.modelsDone());
    gauge(RunMetric.BYTES_PLANNED, () -> bytesPlanned);
    gauge(RunMetric.MODELS_DONE, ledger::modelsDone);
    gauge(RunMetric.UNITS_WAITING, () -> (long) ledger.unitsWaiting());
    gauge(RunMetric.UNITS_OUT, ledger::unitsOut);
    proceed();
  }

  @Override
  public void handleSplitRequest(int subtask, @Nullable String host) {
    requests.add(subtask);
    proceed();
  }

  @Override
  public void handleSourceEvent(int subtask, SourceEvent event) {
    if (!(event instanceof UnitEvent answer)) {
      throw new IllegalArgumentException("no event of this source: " + event);
    }
    UnitId id = new UnitId(answer.entryId(), answer.attempt(), answer.unit());
    if (answer instanceof UnitEvent.Failed failure) {
      for (int reader : ledger.failed(id, failure.reason(), failure.message())) {
        if (context.registeredReaders().containsKey(reader)) {
          context.sendEventToSourceReader(reader, new CancelModel(id.entryId(), id.attempt()));
        }
      }
    } else {
      ledger.finished(id);
    }
    proceed();
  }

  @Override
  public void addSplitsBack(List<ModelSplit> splits, int subtask) {
    requests.removeIf(reader -> reader == subtask);
    ledger.readerLost(subtask);
    for (ModelSplit split : splits) {
      ledger.returned(split.id());
    }
    proceed();
  }

  @Override
  public void addReader(int subtask) {
    ReaderInfo reader = context.registeredReaders().get(subtask);
    List<ModelSplit> reported =
        reader == null ? List.of() : reader.<ModelSplit>getReportedSplitsOnRegistration();
    ledger.readerBack(subtask, reported.stream().map(ModelSplit::id).toList());
    signalled.remove(subtask);
    proceed();
  }

  @Override
  public EnumeratorState snapshotState(long checkpointId) {
    EnumeratorState state = ledger.save(checkpointId, runStarted);
    state.setCatalog(entries.identity());
    return state;
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    ledger.checkpointCompleted(checkpointId);
    entries.retain(ledger::needs);
    proceed();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    planners.shutdownNow();
    entries.close();
  }

  /** Does all that can be done now: hand out, plan, or end. */
  private void proceed() {
    if (closed) {
      return;
    }
    handOut();
    planAhead();
    readAhead();
    if (ledger.isDone()) {
      context.registeredReaders().keySet().stream()
          .filter(signalled::add)
          .forEach(context::signalNoMoreSplits);
    }
  }

  private void handOut() {
    for (Iterator<Integer> waiting = requests.iterator(); waiting.hasNext(); ) {
      int reader = waiting.next();
      if (!context.registeredReaders().containsKey(reader)) {
        waiting.remove();
        continue;
      }
      Optional<WorkUnit> unit = ledger.take(reader);
      if (unit.isEmpty()) {
        return;
      }
      waiting.remove();
      context.assignSplit(new ModelSplit(unit.get()), reader);
    }
  }

  /** Keeps every planner busy with one model and one more waiting for it. */
  private void planAhead() {
    while (planning < 2 * plannersAtMost && entries.isReady()) {
      OptionalLong next = ledger.nextToPlan();
      if (next.isEmpty()) {
        return;
      }
      CatalogEntry entry = entries.entry(next.getAsLong());
      long ownSince = ownSince(entry.id());
      planning++;
      submit(() -> planner.plan(entry, ownSince), this::planned);
    }
  }

  /** Has the catalog's next entries read, if there are and the window comes near them. */
  private void readAhead() {
    if (entries.begin(ledger.modelsBegun())) {
      submit(this::readEntries, this::entriesRead);
    }
  }

  /** A catalog that is not what it was stays so, and restarting would not help. */
  private EntryFeed.Batch readEntries() {
    try {
      return entries.read();
    } catch (CatalogException e) {
      throw new SuppressRestartsException(e);
    } catch (StorageException e) {
      throw new FlinkRuntimeException(e.getMessage(), e);
    }
  }

  private void entriesRead(EntryFeed.Batch batch) {
    if (closed) {
      return;
    }
    entries.accept(batch);
    ledger.readUpTo(entries.end());
    proceed();
  }

  /** From when on a bundle may be this run's own; see {@link ModelPlanner#plan}. */
  private long ownSince(long entryId) {
    if (ledger.isBegun(entryId)) {
      return Long.MIN_VALUE;
    }
    return restored ? runStarted : Long.MAX_VALUE;
  }

  private <T> void submit(Supplier<T> task, Consumer<T> taker) {
    try {
      planners.execute(
          () -> {
            try {
              T result = task.get();
              context.runInCoordinatorThread(() -> taker.accept(result));
            } catch (RejectedExecutionException e) {
              // The coordinator is gone, and with it whoever waits for the plan.
              closed = true;
            } catch (RuntimeException e) {
              fail(e);
            } catch (Error e) {
              fail(e);
              throw e;
            }
          });
    } catch (RejectedExecutionException e) {
      // Closed meanwhile: nobody waits for the plan any more.
      closed = true;
    }
  }

  /** Not one model's fault: the job has to know, or it would wait for ever. */
  private void fail(Throwable fault) {
    try {
      context.runInCoordinatorThread(
          () -> {
            if (!closed) {
              ExceptionUtils.rethrow(fault);
            }
          });
    } catch (RejectedExecutionException e) {
      closed = true;
    }
  }

  private void planned(ModelPlan plan) {
    if (closed) {
      return;
    }
    planning--;
    bytesPlanned += plan.bytes();
    ledger.planned(plan);
    proceed();
  }

  private void gauge(RunMetric metric, Gauge<Long> gauge) {
    MetricGroup group = context.metricGroup();
    if (group != null) {
      metric.register(group, gauge);
    }
  }

  private static ThreadFactory threads() {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "countersign-planner-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
