package dev.countersign.source;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.metrics.RunMetric;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.checkpoint.UnitJournal;
import dev.countersign.source.checkpoint.UnreadableState;
import dev.countersign.source.feed.EntryFeed;
import dev.countersign.source.ledger.LostReaders;
import dev.countersign.source.ledger.PlanTurn;
import dev.countersign.source.ledger.UnitLedger;
import dev.countersign.source.ledger.UnitLedger.Cancellation;
import dev.countersign.source.ledger.UnitQueue;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.planning.Planning;
import dev.countersign.source.signals.EnumeratorEvent;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WorkUnits;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Message;
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
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plans models on a pool of its own and hands their units to readers that ask; what to do when is
 * {@link UnitLedger}'s to say. All but planning happens in the coordinator's thread.
 */
final class ModelEnumerator implements SplitEnumerator<ModelSplit, EnumeratorState> {

  private static final Logger LOG = LoggerFactory.getLogger(ModelEnumerator.class);

  /** An answer about a unit for which the reader has emitted nothing. */
  private record Answer(int reader, ReaderEvent.UnitAnswer event) {}

  private final SplitEnumeratorContext<ModelSplit> context;
  private final @Nullable UnreadableState unreadable;
  private final EntryFeed entries;
  private final RunSettings settings;
  private final List<String> otherThanSaved;
  private final UnitQueue queue;
  private final UnitLedger ledger;
  private final UnitJournal journal;
  private final Planning planner;
  private final boolean again;
  private final Queue<Cancellation> cancellations = new ArrayDeque<>();
  private final Queue<Answer> answers = new ArrayDeque<>();
  private final PendingBarriers barriers = new PendingBarriers();
  private final UnitRequests requests;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(task -> thread(task, "countersign-retry-timer"));
  private final WakeUp wakeUp = new WakeUp(timer, () -> inCoordinatorThread(this::wokenUp));
  private final ExecutorService catalog =
      Executors.newSingleThreadExecutor(task -> thread(task, "countersign-catalog"));
  private long bytesPlanned;
  private long largestFile;
  private long weightPlanned;
  private final Set<Integer> signalled = new HashSet<>();
  private volatile boolean closed;

  /**
   * A new enumerator, or one that goes on from {@code saved}.
   *
   * @param planner used and closed by this
   * @param journal which units readers have had in the run's session
   * @param again whether the run may have been begun before, though there is no {@code saved}
   */
  ModelEnumerator(
      SplitEnumeratorContext<ModelSplit> context,
      EntryFeed entries,
      RunSettings settings,
      Planning planner,
      UnitQueue queue,
      @Nullable EnumeratorState saved,
      UnitJournal journal,
      boolean again) {
    this.context = context;
    this.unreadable = saved instanceof UnreadableState state ? state : null;
    this.entries = entries;
    this.settings = settings;
    this.otherThanSaved =
        saved == null || unreadable != null
            ? List.of()
            : new CommandFingerprint(saved.getCommand()).differences(settings.command());
    this.planner = planner;
    this.again = again || saved != null;
    this.queue = queue;
    this.requests = new UnitRequests(barriers::isBefore, queue::machineOf);
    this.ledger =
        new UnitLedger(
            entries.size(),
            settings.window().fitting(context.currentParallelism(), settings.read().lanes() + 1L),
            queue,
            saved,
            context.currentParallelism(),
            saved != null && settings.session().id().equals(saved.getSession()),
            journal);
    this.journal = journal;
  }

  /** A state that does not fit is told here: what fails before is lost if the job has not begun. */
  @Override
  public void start() {
    try {
      if (unreadable != null) {
        throw new CatalogException(unreadable.fault());
      }
      if (!otherThanSaved.isEmpty()) {
        throw new CatalogException(
            Message.of(
                "The checkpoint to resume from is of another command. It differs in %s. Run that"
                    + " command again, or start without the checkpoint.",
                String.join(", ", otherThanSaved)));
      }
      entries.requireSame();
    } catch (CatalogException e) {
      throw new SuppressRestartsException(e);
    }
    // Flink ends it when all readers are at the end of their input. A job can so have checkpoints
    // at a shorter interval from then on.
    context.setIsProcessingBacklog(true);
    gauge(RunMetric.MODELS_TOTAL, entries::watched);
    gauge(RunMetric.MODELS_PLANNED, ledger::modelsBegun);
    gauge(RunMetric.MODELS_WAITING, () -> ledger.modelsBegun() - ledger.modelsDone());
    gauge(RunMetric.BYTES_PLANNED, () -> bytesPlanned);
    gauge(RunMetric.LARGEST_FILE, () -> largestFile);
    gauge(RunMetric.MODELS_DONE, ledger::modelsDone);
    gauge(RunMetric.UNITS_WAITING, () -> (long) ledger.unitsWaiting());
    gauge(RunMetric.UNITS_OUT, ledger::unitsAssigned);
    gauge(RunMetric.UNITS_RETRIED, queue::retries);
    gauge(RunMetric.BYTES_LOCATED, queue::bytesLocated);
    gauge(RunMetric.BYTES_LOCAL, queue::bytesLocal);
    if (planner.isReady()) {
      proceed();
    } else {
      prepare();
    }
  }

  private void prepare() {
    context.callAsync(planner::prepare, this::prepared);
  }

  /** Listings that cannot be read or used stay so, and restarting would not help. */
  private void prepared(@Nullable Planning ready, @Nullable Throwable fault) {
    if (closed) {
      return;
    }
    if (fault != null) {
      fail(new SuppressRestartsException(fault));
      return;
    }
    if (!planner.isReady()) {
      // A store that does not answer now may do so later, and models wait for that.
      var unused = timer.schedule(() -> inCoordinatorThread(this::prepare), 1, TimeUnit.SECONDS);
    }
    proceed();
  }

  /** One unit more; this source's readers ask by their events, see {@link ReaderEvent}. */
  @Override
  public void handleSplitRequest(int subtask, @Nullable String host) {
    requests.add(subtask, 1);
    proceed();
  }

  @Override
  public void handleSourceEvent(int subtask, SourceEvent event) {
    if (event instanceof ReaderEvent.UnitAnswer answer) {
      if (event instanceof ReaderEvent.Finished) {
        ledger.finished(answer.id());
      } else {
        answers.add(new Answer(subtask, answer));
      }
      requests.add(subtask, answer.units());
    } else if (event instanceof ReaderEvent.EndEarly) {
      cancellations.addAll(ledger.endEarly());
    } else if (event instanceof ReaderEvent.PassedBarrier passed) {
      barriers.passed(subtask, passed.checkpointId());
      requests.passed(subtask);
    } else if (event instanceof ReaderEvent.Started started) {
      readerStarted(subtask, started);
    } else if (event instanceof ReaderEvent.ProcessLeaves leaves) {
      LostReaders.leaves(leaves.process());
    } else if (event instanceof EndedModel ended) {
      entries.ended(ended);
    } else {
      throw new IllegalArgumentException("no event of this source: " + event);
    }
    proceed();
  }

  /**
   * Takes answers about units for which nothing was emitted. Such a unit is in the reader's state
   * until the answer is confirmed. It has to pass from there to the ledger in one step, so that
   * every checkpoint has it exactly once; so nothing is taken from a reader that may not be sent
   * the confirmation now.
   */
  private void takeAnswers() {
    for (Iterator<Answer> waiting = answers.iterator(); waiting.hasNext(); ) {
      Answer answer = waiting.next();
      if (!isReachable(answer.reader())) {
        continue;
      }
      waiting.remove();
      UnitId id = answer.event().id();
      if (answer.event() instanceof ReaderEvent.Failed failed) {
        cancellations.addAll(ledger.failed(id, failed.failure(), failed.isTransient()));
      } else {
        ledger.finished(id);
      }
      context.sendEventToSourceReader(answer.reader(), new EnumeratorEvent.AnswerTaken(id));
    }
  }

  /** Whether a reader is there and may be sent something now. */
  private boolean isReachable(int reader) {
    return !barriers.isBefore(reader) && isRegistered(reader);
  }

  /** Looks at Flink's own map: its method for the readers themselves copies all of them. */
  private boolean isRegistered(int reader) {
    return context.registeredReadersOfAttempts().containsKey(reader);
  }

  @Override
  public void addSplitsBack(List<ModelSplit> splits, int subtask) {
    requests.forget(subtask);
    cancellations.removeIf(inVain -> inVain.reader() == subtask);
    answers.removeIf(answer -> answer.reader() == subtask);
    ledger.readerLost(subtask);
    for (ModelSplit split : splits) {
      ledger.returned(split.id());
    }
    proceed();
  }

  /** Nothing yet: {@link ReaderEvent.Started} follows at once. */
  @Override
  public void addReader(int subtask) {}

  private void readerStarted(int subtask, ReaderEvent.Started started) {
    barriers.begunAnew(subtask);
    ReaderInfo reader = context.registeredReaders().get(subtask);
    List<ModelSplit> reported =
        reader == null ? List.of() : reader.<ModelSplit>getReportedSplitsOnRegistration();
    planner.locate(queue.startsAt(subtask, started.machine()));
    ledger.readerBack(subtask, started.process(), reported);
    signalled.remove(subtask);
    requests.add(subtask, started.units());
  }

  @Override
  public EnumeratorState snapshotState(long checkpointId) {
    EnumeratorState state = ledger.save(checkpointId);
    state.setSession(settings.session().id());
    entries.save(state);
    state.setCommand(settings.command().parts());
    barriers.begin(checkpointId, context.currentParallelism());
    return state;
  }

  @Override
  public void notifyCheckpointAborted(long checkpointId) {
    barriers.over(checkpointId);
    requests.checkpointOver();
    proceed();
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    barriers.over(checkpointId);
    requests.checkpointOver();
    ledger.checkpointCompleted(checkpointId);
    entries.retain(ledger::needs);
    proceed();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    if (queue.bytesLocated() > 0) {
      LOG.info(
          "{} of {} bytes went to readers on machines that hold them",
          queue.bytesLocal(),
          queue.bytesLocated());
    }
    planner.close();
    timer.shutdownNow();
    catalog.shutdownNow();
    entries.close();
    journal.close();
  }

  /** Does all that can be done now: hand out, plan, or end. */
  private void proceed() {
    if (closed) {
      return;
    }
    takeAnswers();
    passOnCancellations();
    handOut();
    planner.forget(weightPlanned - ledger.weight());
    planAhead();
    readAhead();
    wakeInTime();
    if (ledger.isDone()) {
      context.registeredReaders().keySet().stream()
          .filter(reader -> !barriers.isBefore(reader) && signalled.add(reader))
          .forEach(context::signalNoMoreSplits);
    }
  }

  /** Comes back when the next retry, unit or read is due, and at least each second till then. */
  private void wakeInTime() {
    wakeUp.after(
        LongStream.concat(
                queue.untilNext().stream(), entries.untilNext(ledger.modelsBegun()).stream())
            .min());
  }

  private void wokenUp() {
    wakeUp.arrived();
    proceed();
  }

  private void passOnCancellations() {
    for (Iterator<Cancellation> waiting = cancellations.iterator(); waiting.hasNext(); ) {
      Cancellation inVain = waiting.next();
      if (barriers.isBefore(inVain.reader())) {
        continue;
      }
      waiting.remove();
      if (isRegistered(inVain.reader())) {
        context.sendEventToSourceReader(inVain.reader(), inVain.message());
      }
    }
  }

  private void handOut() {
    requests.answer(
        reader -> {
          if (!isRegistered(reader)) {
            return UnitRequests.Answer.MET;
          }
          Optional<WorkUnit> unit = ledger.take(reader);
          if (unit.isEmpty()) {
            return queue.isKeeping() ? UnitRequests.Answer.WAITS : UnitRequests.Answer.ALL_WAIT;
          }
          ModelSplit split = new ModelSplit(WorkUnits.copy(unit.get()));
          context.assignSplit(split, reader);
          // It is serialized by now, and Flink keeps the object for a while.
          WorkUnits.empty(split.unit());
          return UnitRequests.Answer.MET;
        });
  }

  /** Has all models planned that the window has room for. */
  private void planAhead() {
    while (planner.isReady() && entries.isReady()) {
      OptionalLong next = ledger.nextToPlan(entries.end());
      if (next.isEmpty()) {
        return;
      }
      CatalogEntry entry = entries.entry(next.getAsLong());
      Consumer<ModelPlan> planned = plan -> inCoordinatorThread(() -> planned(plan));
      Optional<ModelFailure> crashed = ledger.chargePlan(entry.id(), entry.model());
      if (crashed.isPresent()) {
        planned.accept(planner.failed(entry, crashed.get()));
        continue;
      }
      PlanTurn turn = ledger.planTurn(entry.id(), entry.model());
      Runnable waits =
          () -> {
            turn.waits();
            inCoordinatorThread(this::proceed);
          };
      planner.plan(entry, earlierWork(entry.id()), waits, turn::begins, planned, this::fail);
    }
  }

  /** Has the catalog's next entries read, if there are and the window comes near them. */
  private void readAhead() {
    if (entries.begin(ledger.modelsBegun())) {
      try {
        catalog.execute(this::readEntries);
      } catch (RejectedExecutionException e) {
        closed = true;
      }
    }
  }

  /** A catalog that is not what it was stays so, and restarting would not help. */
  private void readEntries() {
    try {
      Runnable taking = entries.read();
      inCoordinatorThread(
          () -> {
            taking.run();
            proceed();
          });
    } catch (CatalogException e) {
      fail(new SuppressRestartsException(e));
    } catch (StorageException e) {
      fail(new FlinkRuntimeException(e.getMessage(), e));
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  /** What a watch takes again has changed, so that the bundle from before is of no use. */
  private EarlierWork earlierWork(long entryId) {
    return again || ledger.isBegun(entryId) || entries.isKnown(entryId)
        ? EarlierWork.POSSIBLE
        : EarlierWork.NONE;
  }

  /** Runs an action unless this is closed by then. */
  private void inCoordinatorThread(Runnable action) {
    try {
      context.runInCoordinatorThread(
          () -> {
            if (!closed) {
              action.run();
            }
          });
    } catch (RejectedExecutionException e) {
      // The coordinator is gone, and with it whoever waits for this.
      closed = true;
    }
  }

  /** Not one model's fault: the job has to know, or it would wait for ever. */
  private void fail(Throwable fault) {
    inCoordinatorThread(() -> ExceptionUtils.rethrow(fault));
  }

  private void planned(ModelPlan plan) {
    bytesPlanned += plan.bytes();
    largestFile = Math.max(largestFile, plan.largestFile());
    weightPlanned += plan.weight();
    ledger.planned(plan);
    proceed();
  }

  private void gauge(RunMetric metric, Gauge<Long> gauge) {
    if (context.metricGroup() != null) {
      metric.register(context.metricGroup(), gauge);
    }
  }

  private static Thread thread(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
