package dev.countersign.source.ledger;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.PlannedModel;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.checkpoint.UnitJournal;
import dev.countersign.source.ledger.ModelProgress.State;
import dev.countersign.source.signals.EnumeratorEvent;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which models are planned and which of their units wait, are out, or are done; decides what a
 * reader gets next. Not thread safe: the enumerator's thread owns it.
 *
 * <p>Recovery. Readers keep the identity of their units in checkpoints and report them when they
 * come back, and Flink gives back what it assigned since the checkpoint; so every unit that was
 * with a lost reader either comes back, and waits again, or was emitted before the checkpoint, and
 * is finished once its reader is back. A model that was done may come back to life that way until a
 * later checkpoint has completed; till then its fingerprint is kept.
 *
 * <p>Processes that crash. A unit that comes back is charged with a crash only if the process that
 * had it disappeared. That is decided once all lost readers are back:
 *
 * <pre>
 * the process that had the unit                        charged
 * has a reader again                                   no: something else failed
 * announced its end (SIGTERM, eviction, System.exit)   no
 * took another identity after a fatal error            yes
 * has no reader and announced nothing                  yes, until it has a reader again
 * had finished it, though after the checkpoint         no, if the journal was kept till then
 * belongs to an earlier session of the run             no: nobody can tell how it ended
 * is unknown                                           no
 * </pre>
 *
 * <p>{@link UnitJournal} has the charges of a session; those of a model in a checkpoint add to
 * them. {@link PlansInProgress} does the same for models whose planning ends the process.
 *
 * <p>After {@link #CRASHES_ALLOWED} crashes a unit is a suspect: it waits until all else is done
 * and then runs alone. If it is charged with that too, its model fails. After a restore in a
 * process without the journal of the one before, charged units wait for the next checkpoint.
 */
public final class UnitLedger {

  /** How many crashes a unit may see before it runs alone. */
  static final int CRASHES_ALLOWED = 3;

  /**
   * What a reader is to be told because it works in vain.
   *
   * @param reader its subtask
   * @param message what it is told
   */
  public record Cancellation(int reader, EnumeratorEvent.CancelModel message) {}

  private final ModelWindow models;
  private final UnitQueue queue;
  private final LostReaders lost;
  private final UnitJournal journal;
  private final boolean savesCharges;
  private final PlansInProgress plans;
  private final AssignedUnits assigned = new AssignedUnits();
  private long lastCheckpoint;

  /**
   * Starts from the first of {@code entries} models, or resumes from a checkpoint. After a restore
   * or a crash nothing is handed out before {@code readers} readers are there.
   *
   * @param saved the checkpoint; null to start
   * @param sameSession whether the checkpoint is of this session of the run
   * @param journal what readers had since the checkpoint
   */
  public UnitLedger(
      long entries,
      WindowSettings window,
      UnitQueue queue,
      @Nullable EnumeratorState saved,
      int readers,
      boolean sameSession,
      UnitJournal journal) {
    List<PlannedModel> begun = saved == null ? List.of() : saved.getWindow();
    long cursor = saved == null ? 0 : saved.getCursor();
    boolean ended = saved != null && saved.getEndedEarly();
    this.models = new ModelWindow(window, entries, cursor, cursor - begun.size(), ended);
    this.queue = queue;
    this.lost = new LostReaders(saved != null || !journal.pending().isEmpty() ? readers : 0);
    if (saved == null || !sameSession) {
      journal.complete();
    }
    this.journal = journal;
    this.plans = new PlansInProgress(models, journal);
    this.savesCharges = !journal.isComplete();
    for (PlannedModel model : begun) {
      ModelProgress progress = ModelProgress.restore(model);
      models.add(progress);
      assigned.addUnknown(progress.units(State.UNKNOWN));
      resume(progress);
    }
  }

  public EnumeratorState save(long checkpoint) {
    lastCheckpoint = Math.max(lastCheckpoint, checkpoint);
    return EnumeratorState.newBuilder()
        .setCursor(models.cursor())
        .setWindow(new ArrayList<>(models.models().stream().map(ModelProgress::save).toList()))
        .setEndedEarly(models.hasEnded())
        .build();
  }

  /** Releases units that waited for their charge to be saved, forgets what can't come back. */
  public void checkpointCompleted(long checkpoint) {
    models.checkpointCompleted(checkpoint);
    if (lost.isEmpty()) {
      queue.release().forEach(this::enqueue);
    }
    journal.checkpointCompleted(checkpoint);
  }

  /**
   * The next entry to plan, if there is one below {@code readable}, the window has room, and
   * nothing has to be done alone; it counts as begun. {@link #chargePlan} and, if that says
   * nothing, {@link #planTurn} follow.
   */
  public OptionalLong nextToPlan(long readable) {
    wakeWhatIsDue();
    boolean idle = assigned.size() == 0 && lost.isEmpty();
    return plans.next(readable, idle);
  }

  /** Why the model that {@link #nextToPlan} returned fails, if it ended too many processes. */
  public Optional<ModelFailure> chargePlan(long entryId, String uri) {
    return plans.charge(entryId, uri, lastCheckpoint);
  }

  /** What the thread that plans this model has to call. */
  public PlanTurn planTurn(long entryId, String uri) {
    return plans.turn(entryId, uri);
  }

  /** Whether a model may have to be planned again, or is still to be begun. */
  public boolean needs(long entryId) {
    return entryId >= models.cursor() || models.mayComeBack(entryId);
  }

  /** Whether a model was planned before, so that a bundle of this run's own may be there. */
  public boolean isBegun(long entryId) {
    ModelProgress model = models.find(entryId);
    return model != null && model.wasPlanned();
  }

  /**
   * Takes a plan that {@link #nextToPlan} asked for. If it is another one than before a crash, it
   * counts only once it is known that not all of the model was emitted. Then the model is read
   * again from its start, in another attempt.
   */
  public void planned(ModelPlan plan) {
    plans.end(plan);
    accept(plan);
  }

  private void accept(ModelPlan plan) {
    ModelProgress model = models.find(plan.header().getEntryId());
    if (model == null || model.isReady()) {
      return;
    }
    if (plan.isTransient() && queue.allows(model.retries(UnitId.PLAN))) {
      queue.rest(model, UnitId.PLAN);
      return;
    }
    boolean differs = model.wasPlanned() && !model.matches(plan);
    if (differs && lost.keeps(plan)) {
      return;
    }
    if (differs && model.isEmitted()) {
      model.settle();
      models.retireIfDone(model, lastCheckpoint + 1);
      return;
    }
    model = models.attemptFor(model, plan);
    plan.setAttempt(model.attempt);
    Verdict verdict = model.verdictBy(plan);
    if (verdict != null) {
      decide(model, plan.header(), verdict);
    } else {
      model.plan(plan);
      models.weighs(model);
      for (int unit = 0; unit < model.unitCount(); unit++) {
        UnitId id = model.id(unit);
        if (lost.isEmpty()) {
          charge(id);
        } else if (journal.isPending(id)) {
          queue.hold(id);
        }
        enqueue(id);
      }
    }
    models.retireIfDone(model, lastCheckpoint + 1);
  }

  /** What {@code reader} does next, if anything can be done now; it counts as out. */
  public Optional<WorkUnit> take(int reader) {
    wakeWhatIsDue();
    if (!lost.isEmpty() || plans.comeFirst()) {
      return Optional.empty();
    }
    Optional<WorkUnit> unit = firstOf(() -> queue.poll(reader), reader);
    if (unit.isPresent() || assigned.size() > 0 || queue.isKeeping() || !plans.pause()) {
      return unit;
    }
    unit = firstOf(queue::pollSuspect, reader);
    plans.runsAlone(unit.map(suspect -> new ModelSplit(suspect).id()).orElse(null));
    return unit;
  }

  private Optional<WorkUnit> firstOf(Supplier<@Nullable UnitId> units, int reader) {
    for (UnitId next = units.get(); next != null; next = units.get()) {
      Optional<WorkUnit> unit = handOut(next, reader);
      if (unit.isPresent()) {
        return unit;
      }
    }
    return Optional.empty();
  }

  /** A reader has emitted a unit, or has dropped one of a model that is decided. */
  public void finished(UnitId id) {
    ModelProgress model = models.find(id);
    if (model != null && model.state(id.unit()) == State.OUT) {
      finish(model, id);
    }
  }

  /**
   * A reader could not do a unit. It is tried again if that may help; else the model fails, once
   * nothing of it is out any more. One that changed is planned and read again then, but once only.
   *
   * @param isTransient whether it may go well later
   * @return what to tell readers that still work on the model, in vain
   */
  public List<Cancellation> failed(UnitId id, ModelFailure failure, boolean isTransient) {
    ModelProgress model = models.find(id);
    if (model == null || model.state(id.unit()) != State.OUT) {
      return List.of();
    }
    int before = model.retries(id.unit());
    if (isTransient && !models.hasEnded() && !model.isDecided() && queue.allows(before)) {
      journal.back(id, lost.processOf(model.reader(id.unit())));
      leaves(model, id, State.WAITING);
      queue.rest(model, id.unit());
      return List.of();
    }
    ModelHeader header = model.unit(id.unit()).getHeader();
    decide(model, header, (isTransient ? failure.afterTries(1 + before) : failure).verdict());
    finish(model, id);
    return model.cancellations();
  }

  /**
   * Begins, hands out and tries again nothing more. A model that readers have had all of comes to
   * its end; any other is dropped and has no result, also if a part of it was read.
   *
   * @return what to tell readers that work on such a model, in vain
   */
  public List<Cancellation> endEarly() {
    models.end();
    queue.stopRetries();
    List<Cancellation> inVain = new ArrayList<>();
    for (ModelProgress model : models.dropUnless(ModelProgress::isBeyondHandingOut)) {
      model.units(State.OUT).forEach(id -> assigned.remove(model.reader(id.unit()), id));
      plans.dropped(model.entryId);
      inVain.addAll(model.cancellations());
    }
    return inVain;
  }

  /**
   * A reader is lost; what it had is unknown, and nothing is handed out, until all lost readers are
   * back. One that is back may hold a unit in its checkpoint that has come back by another way: it
   * would be done twice if it went out before all have reported.
   */
  public void readerLost(int reader) {
    lost.add(reader);
    for (UnitId id : assigned.lose(reader)) {
      Objects.requireNonNull(models.find(id.entryId())).set(id.unit(), State.UNKNOWN, reader);
    }
  }

  /** A unit came back from a reader that was lost. */
  public void returned(UnitId id) {
    returned(id, "");
  }

  private void returned(UnitId id, String saved) {
    if (models.hasLater(id)) {
      return;
    }
    ModelProgress model = models.find(id.entryId());
    if (model == null) {
      model = models.revive(id.entryId());
      if (model == null) {
        if (models.hasEnded()) {
          return;
        }
        throw new IllegalStateException("a unit of a model came back that was never begun: " + id);
      }
      resume(model);
    }
    State before = model.state(id.unit());
    if (before == State.WAITING || before == State.OUT) {
      return;
    }
    boolean verdict = id.unit() == model.unitCount();
    if (before == State.UNKNOWN && !verdict) {
      journal.lost(id, model.fingerprint(), saved);
    }
    if (model.isDecided() && !verdict) {
      // Its charges count again if the next restore is from before the verdict.
      Set<String> unused = journal.take(id, model.fingerprint(), lastCheckpoint);
      end(model, id);
      return;
    }
    leaves(model, id, State.WAITING);
    if (!lost.isEmpty()) {
      queue.hold(id);
    }
    enqueue(id);
  }

  /**
   * A reader has started. Once all have, units that did not come back were emitted, and those that
   * did are judged.
   *
   * @param process where the reader is
   * @param reported what it had at the checkpoint
   */
  public void readerBack(int reader, String process, Collection<ModelSplit> reported) {
    reported.forEach(split -> returned(split.id(), split.process()));
    if (lost.isLastBack(reader, process)) {
      models.models().forEach(model -> model.retainCrashes(lost::hasDisappeared));
      assigned.releaseUnknown().forEach(this::finishIfUnknown);
      journal.retain(lost::hasDisappeared);
      journal.complete();
      Set<UnitId> held = queue.release();
      journal.pending().forEach(this::charge);
      held.forEach(this::enqueue);
      lost.release().forEach(this::accept);
    }
  }

  private void finishIfUnknown(UnitId id) {
    ModelProgress model = models.find(id);
    if (model != null && model.state(id.unit()) == State.UNKNOWN) {
      finish(model, id);
    }
  }

  /** Charges a unit that waits with processes that disappeared while they had it. */
  private void charge(UnitId id) {
    ModelProgress model = models.find(id);
    if (model == null
        || id.unit() == UnitId.PLAN
        || id.unit() >= model.unitCount()
        || model.state(id.unit()) != State.WAITING) {
      return;
    }
    Set<String> processes = journal.take(id, model.fingerprint(), lastCheckpoint);
    processes.forEach(process -> model.crashed(id.unit(), process));
    if (savesCharges && !processes.isEmpty()) {
      queue.hold(id);
    }
  }

  /**
   * Whether every model is done and none can come back to life. A reader that had finished at the
   * checkpoint is never back, but then all that was done is part of that checkpoint.
   */
  public boolean isDone() {
    return models.isOver() && models.isEmpty() && (lost.isEmpty() || models.isFinal());
  }

  public long modelsDone() {
    return models.modelsDone();
  }

  public long modelsBegun() {
    return models.cursor();
  }

  /** About how many bytes the plans take that are still needed. */
  public long weight() {
    return models.weight() + lost.weight();
  }

  public int unitsWaiting() {
    return queue.size();
  }

  public long unitsAssigned() {
    return assigned.size();
  }

  private Optional<WorkUnit> handOut(UnitId id, int reader) {
    ModelProgress model = models.find(id);
    if (model == null || model.state(id.unit()) != State.WAITING || !model.isDue(id.unit())) {
      return Optional.empty();
    }
    model.set(id.unit(), State.OUT, reader);
    if (id.unit() < model.unitCount()) {
      journal.out(id, model.fingerprint(), lost.processOf(reader));
    }
    assigned.add(reader, id);
    return Optional.of(model.unit(id.unit()));
  }

  private void finish(ModelProgress model, UnitId id) {
    journal.finished(id);
    end(model, id);
  }

  private void end(ModelProgress model, UnitId id) {
    leaves(model, id, State.FINISHED);
    conclude(model);
    models.retireIfDone(model, lastCheckpoint + 1);
  }

  /** A unit is with no reader any more. */
  private void leaves(ModelProgress model, UnitId id, State state) {
    if (model.state(id.unit()) == State.OUT) {
      assigned.remove(model.reader(id.unit()), id);
    }
    model.set(id.unit(), state, -1);
    plans.over(id);
  }

  private void decide(ModelProgress model, ModelHeader header, Verdict verdict) {
    model.decide(header, verdict);
    conclude(model);
  }

  /** Hands out a verdict that is due, unless the model starts again. */
  private void conclude(ModelProgress model) {
    if (model.isVerdictDue() && !models.startAgain(model)) {
      enqueue(model.id(model.unitCount()));
    }
  }

  private void enqueue(UnitId id) {
    ModelProgress model = models.find(id);
    if (model == null
        || !model.isReady()
        || queue.isHeld(id)
        || model.state(id.unit()) != State.WAITING) {
      return;
    }
    int crashes = model.crashes(id.unit());
    if (crashes > CRASHES_ALLOWED) {
      ModelHeader header = model.unit(id.unit()).getHeader();
      decide(model, header, ModelFailure.crashedWorker(header.getModel(), crashes).verdict());
    } else if (crashes == CRASHES_ALLOWED) {
      queue.addSuspect(id);
    } else {
      queue.add(id, model.bytes(id.unit()), model.hosts(id.unit()));
    }
  }

  private void wakeWhatIsDue() {
    for (Optional<UnitId> due = queue.pollDue(); due.isPresent(); due = queue.pollDue()) {
      UnitId id = due.get();
      if (id.unit() == UnitId.PLAN) {
        models.planAgain(id.entryId());
      } else {
        enqueue(id);
      }
    }
  }

  /** Takes up a model of a checkpoint, or one that has come back to life. */
  private void resume(ModelProgress model) {
    if (!model.isReady()) {
      models.planAgain(model.entryId);
    } else {
      conclude(model);
    }
  }
}
