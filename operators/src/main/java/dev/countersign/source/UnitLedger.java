package dev.countersign.source;

import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.PlannedModel;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.ModelProgress.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
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
 * <p>Workers that die. Each unit that comes back counts one crash. From {@link #CRASHES_ALLOWED}
 * crashes on it is a suspect: it waits until all else is done and then runs while nothing else
 * does. If it comes back from that too, it was the cause, and its model fails. After a restore,
 * units that came back wait for the next checkpoint, so that the count outlives the next crash.
 */
final class UnitLedger {

  /** How many crashes a unit may see before it runs alone. */
  static final int CRASHES_ALLOWED = 3;

  private final long entries;
  private final ModelWindow models;
  private final boolean restored;
  private final Queue<Long> toPlanAgain = new ArrayDeque<>();
  private final UnitQueue queue = new UnitQueue();
  private final Set<Integer> missingReaders = new HashSet<>();
  private final List<ModelPlan> different = new ArrayList<>();
  private @Nullable UnitId alone;
  private long cursor;
  private long lastCheckpoint;
  private long out;

  /** Starts from the first of {@code entries} models. */
  UnitLedger(long entries, WindowSettings window) {
    this.entries = entries;
    this.models = new ModelWindow(window, 0);
    this.restored = false;
  }

  /** Goes on from a checkpoint; nothing is handed out before {@code readers} readers are back. */
  UnitLedger(long entries, WindowSettings window, EnumeratorState saved, int readers) {
    this.entries = entries;
    this.restored = true;
    this.cursor = saved.getCursor();
    this.models = new ModelWindow(window, cursor - saved.getWindow().size());
    for (int reader = 0; reader < readers; reader++) {
      missingReaders.add(reader);
    }
    for (PlannedModel model : saved.getWindow()) {
      ModelProgress progress = ModelProgress.restore(model);
      models.add(progress);
      goOn(progress);
    }
  }

  EnumeratorState save(long checkpoint, long runStarted) {
    lastCheckpoint = Math.max(lastCheckpoint, checkpoint);
    EnumeratorState state = new EnumeratorState();
    state.setCursor(cursor);
    state.setWindow(new ArrayList<>());
    state.setRunStarted(runStarted);
    models.models().forEach(model -> state.getWindow().add(model.save()));
    return state;
  }

  /** Lets units go that waited for their crash count to be safe, forgets what can't come back. */
  void checkpointCompleted(long checkpoint) {
    models.checkpointCompleted(checkpoint);
    queue.release().forEach(this::enqueue);
  }

  /** The next entry to plan, if there is one and the window has room; it counts as begun. */
  OptionalLong nextToPlan() {
    Long again = toPlanAgain.poll();
    if (again != null) {
      return OptionalLong.of(again);
    }
    if (cursor >= entries || !models.hasRoom()) {
      return OptionalLong.empty();
    }
    long entry = cursor++;
    models.add(new ModelProgress(entry, 1));
    return OptionalLong.of(entry);
  }

  /** Whether a model was planned before, so that a bundle of this run's own may be there. */
  boolean isBegun(long entryId) {
    ModelProgress model = models.find(entryId);
    return model != null && model.wasPlanned();
  }

  /**
   * Takes a plan that {@link #nextToPlan} asked for. If it is another one than before a crash, it
   * counts only once it is known that not all of the model was emitted. One that rests on a bundle
   * of this run's own goes by another statement: what was done before is worth nothing, and the
   * model starts over. Any other means that the model has changed.
   */
  void planned(ModelPlan plan) {
    ModelProgress model = models.find(plan.header().getEntryId());
    if (model == null || model.isReady()) {
      return;
    }
    boolean differs = model.wasPlanned() && !model.matches(plan);
    if (differs && !missingReaders.isEmpty()) {
      different.add(plan);
      return;
    }
    if (differs && model.isEmitted()) {
      model.settle();
      retireIfDone(model);
      return;
    }
    if (differs && plan.ownBundle()) {
      model = new ModelProgress(model.entryId, model.attempt + 1);
      models.add(model);
    }
    int attempt = model.attempt;
    plan.header().setAttempt(attempt);
    plan.units().forEach(unit -> unit.getHeader().setAttempt(attempt));
    if (plan.verdict() != null) {
      decide(model, plan.header(), plan.verdict());
    } else if (model.wasPlanned() && !model.matches(plan)) {
      decide(
          model, plan.header(), ModelFailure.changedMeanwhile(plan.header().getModel()).verdict());
    } else {
      model.plan(plan);
      models.weighs(model);
      for (int unit = 0; unit < model.unitCount(); unit++) {
        UnitId id = model.id(unit);
        if (model.state(unit) == State.WAITING && !queue.isHeld(id)) {
          enqueue(id);
        }
      }
    }
    retireIfDone(model);
  }

  /** What {@code reader} does next, if anything can be done now; it counts as out. */
  Optional<WorkUnit> take(int reader) {
    if (!missingReaders.isEmpty() || alone != null) {
      return Optional.empty();
    }
    for (UnitId next = queue.poll(); next != null; next = queue.poll()) {
      Optional<WorkUnit> unit = handOut(next, reader);
      if (unit.isPresent()) {
        return unit;
      }
    }
    if (out > 0) {
      return Optional.empty();
    }
    for (UnitId next = queue.pollSuspect(); next != null; next = queue.pollSuspect()) {
      Optional<WorkUnit> unit = handOut(next, reader);
      if (unit.isPresent()) {
        alone = next;
        return unit;
      }
    }
    return Optional.empty();
  }

  /** A reader has emitted a unit, or has dropped one of a model that is decided. */
  void finished(UnitId id) {
    ModelProgress model = models.find(id.entryId());
    if (model != null && model.attempt == id.attempt() && model.state(id.unit()) == State.OUT) {
      finish(model, id);
    }
  }

  /**
   * A reader could not do a unit: the model fails, once nothing of it is out any more.
   *
   * @return readers that still work on the model, in vain
   */
  Set<Integer> failed(UnitId id, FailureReason reason, String message) {
    ModelProgress model = models.find(id.entryId());
    if (model == null || model.attempt != id.attempt() || model.state(id.unit()) != State.OUT) {
      return Set.of();
    }
    ModelHeader header = model.unit(id.unit()).getHeader();
    decide(model, header, new ModelFailure(reason, message).verdict());
    finish(model, id);
    Set<Integer> readers = new HashSet<>();
    for (int unit = 0; unit < model.unitCount(); unit++) {
      if (model.state(unit) == State.OUT) {
        readers.add(model.reader(unit));
      }
    }
    return readers;
  }

  /**
   * A reader is lost; what it had is unknown, and nothing is handed out, until all lost readers are
   * back. One that is back may hold a unit in its checkpoint that has come back by another way: it
   * would be done twice if it went out before all have reported.
   */
  void readerLost(int reader) {
    missingReaders.add(reader);
    models.forEachUnit(
        id -> state(id) == State.OUT && active(id).reader(id.unit()) == reader,
        id -> {
          out--;
          active(id).set(id.unit(), State.UNKNOWN, reader);
        });
  }

  /** A unit came back from a reader that was lost. */
  void returned(UnitId id) {
    if (models.hasLater(id)) {
      return;
    }
    ModelProgress model = models.find(id.entryId());
    if (model == null) {
      model = models.revive(id.entryId());
      if (model == null) {
        throw new IllegalStateException("a unit of a model came back that was never begun: " + id);
      }
      goOn(model);
    }
    State before = model.state(id.unit());
    if (before == State.WAITING || before == State.OUT) {
      return;
    }
    boolean verdict = id.unit() == model.unitCount();
    if (before == State.UNKNOWN && !verdict) {
      model.crashed(id.unit());
    }
    if (model.isDecided() && !verdict) {
      finish(model, id);
      return;
    }
    model.set(id.unit(), State.WAITING, -1);
    if (id.equals(alone)) {
      alone = null;
    }
    if (restored && before == State.UNKNOWN && !missingReaders.isEmpty()) {
      queue.hold(id);
    } else if (model.isReady()) {
      enqueue(id);
    }
  }

  /** A reader is there; once all are, units that did not come back were emitted. */
  void readerBack(int reader, Collection<UnitId> reported) {
    reported.forEach(this::returned);
    if (missingReaders.remove(reader) && missingReaders.isEmpty()) {
      models.forEachUnit(id -> state(id) == State.UNKNOWN, id -> finish(active(id), id));
      List<ModelPlan> plans = List.copyOf(different);
      different.clear();
      plans.forEach(this::planned);
    }
  }

  /**
   * Whether every model is done and none can come back to life. A reader that had finished at the
   * checkpoint is never back, but then all that was done is part of that checkpoint.
   */
  boolean isDone() {
    return cursor >= entries && models.isEmpty() && (missingReaders.isEmpty() || models.isFinal());
  }

  long modelsDone() {
    return models.modelsDone();
  }

  long modelsBegun() {
    return cursor;
  }

  int unitsWaiting() {
    return queue.size();
  }

  long unitsOut() {
    return out;
  }

  private Optional<WorkUnit> handOut(UnitId id, int reader) {
    ModelProgress model = models.find(id.entryId());
    if (model == null || model.state(id.unit()) != State.WAITING || !isDue(model, id)) {
      return Optional.empty();
    }
    model.set(id.unit(), State.OUT, reader);
    out++;
    return Optional.of(model.unit(id.unit()));
  }

  private static boolean isDue(ModelProgress model, UnitId id) {
    return id.unit() == model.unitCount()
        ? model.isVerdictDue()
        : model.isReady() && !model.isDecided();
  }

  private void finish(ModelProgress model, UnitId id) {
    if (model.state(id.unit()) == State.OUT) {
      out--;
    }
    model.set(id.unit(), State.FINISHED, -1);
    if (id.equals(alone)) {
      alone = null;
    }
    if (model.isVerdictDue()) {
      enqueue(model.id(model.unitCount()));
    }
    retireIfDone(model);
  }

  private void decide(ModelProgress model, ModelHeader header, Verdict verdict) {
    model.decide(header, verdict);
    if (model.isVerdictDue()) {
      enqueue(model.id(model.unitCount()));
    }
  }

  private void enqueue(UnitId id) {
    ModelProgress model = models.find(id.entryId());
    if (model == null
        || model.attempt != id.attempt()
        || !model.isReady()
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
      queue.add(id, model.bytes(id.unit()));
    }
  }

  /** Takes up a model of a checkpoint, or one that has come back to life. */
  private void goOn(ModelProgress model) {
    if (!model.isReady()) {
      toPlanAgain.add(model.entryId);
    } else if (model.isVerdictDue()) {
      enqueue(model.id(model.unitCount()));
    }
  }

  private void retireIfDone(ModelProgress model) {
    models.retireIfDone(model, lastCheckpoint + 1);
  }

  private ModelProgress active(UnitId id) {
    return Objects.requireNonNull(models.find(id.entryId()));
  }

  private State state(UnitId id) {
    return active(id).state(id.unit());
  }
}
