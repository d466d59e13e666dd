package dev.countersign.source;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.metrics.RunMetric;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.WorkUnit;
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
import java.util.function.Supplier;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/**
 * Plans models on a pool of its own and hands their units to readers that ask; what to do when is
 * {@link UnitLedger}'s to say. All but planning happens in the coordinator's thread.
 */
final class ModelEnumerator implements SplitEnumerator<ModelSplit, EnumeratorState> {

  private final SplitEnumeratorContext<ModelSplit> context;
  private final List<CatalogEntry> entries;
  private final UnitLedger ledger;
  private final ModelPlanner planner;
  private final ExecutorService planners;
  private final int plannersAtMost;
  private final long runStarted;
  private final Queue<Integer> requests = new ArrayDeque<>();
  private int planning;
  private long bytesPlanned;
  private final Set<Integer> signalled = new HashSet<>();
  private volatile boolean closed;

  /**
   * A new enumerator, or one that goes on from {@code saved}.
   *
   * @param started when the run first started, in milliseconds since the epoch, unless {@code
   *     saved} tells
   */
  ModelEnumerator(
      SplitEnumeratorContext<ModelSplit> context,
      List<CatalogEntry> entries,
      ModelPlanner planner,
      WindowSettings window,
      @Nullable EnumeratorState saved,
      long started) {
    this.context = context;
    this.entries = entries;
    this.planner = planner;
    this.runStarted = saved == null ? started : saved.getRunStarted();
    this.ledger =
        saved == null
            ? new UnitLedger(entries.size(), window)
            : new UnitLedger(entries.size(), window, saved, context.currentParallelism());
    this.plannersAtMost = window.planners();
    this.planners = Executors.newFixedThreadPool(window.planners(), threads());
  }

  @Override
  public void start() {
    gauge(RunMetric.MODELS_TOTAL, () -> (long) entries.size());
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
    return ledger.save(checkpointId, runStarted);
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    ledger.checkpointCompleted(checkpointId);
    proceed();
  }

  @Override
  public void close() {
    closed = true;
    planners.shutdownNow();
  }

  /** Does all that can be done now: hand out, plan, or end. */
  private void proceed() {
    if (closed) {
      return;
    }
    handOut();
    planAhead();
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
    while (planning < 2 * plannersAtMost) {
      OptionalLong next = ledger.nextToPlan();
      if (next.isEmpty()) {
        return;
      }
      CatalogEntry entry = entries.get(Math.toIntExact(next.getAsLong()));
      long ownSince = ownSince(entry.id());
      planning++;
      submit(() -> planner.plan(entry, ownSince));
    }
  }

  /**
   * From when on a bundle may be this run's own; see {@link ModelPlanner#plan}. Even an enumerator
   * that goes on from nothing may follow one that ended before its first checkpoint.
   */
  private long ownSince(long entryId) {
    return ledger.isBegun(entryId) ? Long.MIN_VALUE : runStarted;
  }

  private void submit(Supplier<ModelPlan> task) {
    try {
      planners.execute(
          () -> {
            try {
              ModelPlan plan = task.get();
              context.runInCoordinatorThread(() -> planned(plan));
            } catch (RejectedExecutionException e) {
              // The coordinator is gone, and with it whoever waits for the plan.
              closed = true;
            } catch (Error e) {
              // Not this model's fault: the job has to know, or it would wait for ever.
              context.runInCoordinatorThread(
                  () -> {
                    throw e;
                  });
              throw e;
            }
          });
    } catch (RejectedExecutionException e) {
      // Closed meanwhile: nobody waits for the plan any more.
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
