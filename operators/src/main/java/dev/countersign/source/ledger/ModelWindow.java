package dev.countersign.source.ledger;

import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The models of a run: those that are to be planned next, those that are begun and not done, and
 * those that are done but may come back to life until a later checkpoint has completed. Not thread
 * safe.
 */
final class ModelWindow {

  /** How many models are planned at once until the first plans show how much one takes. */
  private static final int FIRST_MODELS = 8;

  private static final int FIRST_ATTEMPT = 1;

  private record Retired(long checkpoint, ModelProgress model) {}

  private final WindowSettings settings;
  private final long entries;
  private final Queue<Long> again = new ArrayDeque<>();
  private final Map<Long, ModelProgress> active = new HashMap<>();
  private final Map<Long, Retired> done = new HashMap<>();
  private final Queue<Retired> doneInOrder = new ArrayDeque<>();
  private long cursor;
  private boolean ended;
  private final Set<Long> planning = new HashSet<>();
  private long weight;
  private long meanWeight;
  private long modelsDone;

  /**
   * A window in front of which {@code modelsDone} models are done for good.
   *
   * @param entries how many models there are
   * @param cursor the first that was not begun yet
   * @param ended whether none is to be begun any more
   */
  ModelWindow(WindowSettings settings, long entries, long cursor, long modelsDone, boolean ended) {
    this.settings = settings;
    this.entries = entries;
    this.cursor = cursor;
    this.modelsDone = modelsDone;
    this.ended = ended;
    this.meanWeight = settings.bytes() / FIRST_MODELS;
  }

  /** Has a model that is begun planned once more. */
  void planAgain(long entryId) {
    again.add(entryId);
  }

  /**
   * The next model to plan: one that has to be planned once more, or the next of the catalog if
   * there is room.
   *
   * @param readable the first entry that was not read yet, so that it cannot be begun
   */
  OptionalLong nextToPlan(long readable) {
    while (!again.isEmpty() && !active.containsKey(again.element())) {
      again.remove();
    }
    if (!again.isEmpty()) {
      return OptionalLong.of(again.element());
    }
    // Plans of which nothing is known yet will take as much as those before them.
    boolean hasRoom =
        active.size() < settings.models()
            && weight + planning.size() * meanWeight < settings.bytes();
    if (ended || cursor >= Math.min(entries, readable) || !hasRoom) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(cursor);
  }

  /** Takes the model that {@link #nextToPlan} has returned; it counts as begun. */
  void begin() {
    Long next = again.poll();
    if (next == null) {
      add(new ModelProgress(cursor, FIRST_ATTEMPT));
      next = cursor++;
    }
    planning.add(next);
  }

  /** The models that {@link #begin} took and that are being planned. */
  Set<Long> planning() {
    return Collections.unmodifiableSet(planning);
  }

  /** Begins none of the models that are still to come. */
  void end() {
    ended = true;
  }

  /** Whether {@link #end} was called. */
  boolean hasEnded() {
    return ended;
  }

  /** Whether all models were begun, or no more will be. */
  boolean isOver() {
    return ended || cursor >= entries;
  }

  /** The first model that was not begun yet. */
  long cursor() {
    return cursor;
  }

  void add(ModelProgress model) {
    active.put(model.entryId, model);
  }

  /**
   * The attempt that {@code plan} is for: the next one if its units are not those of {@code model}.
   */
  ModelProgress attemptFor(ModelProgress model, ModelPlan plan) {
    if (!model.isCutOtherwise(plan)) {
      return model;
    }
    ModelProgress next = model.nextAttempt();
    add(next);
    return next;
  }

  /**
   * Begins the next attempt at a model that was found changed, of which nothing is out, unless that
   * happened before or nothing is begun any more.
   *
   * @return whether it has begun
   */
  boolean startAgain(ModelProgress model) {
    if (ended || !model.mayStartAgain()) {
      return false;
    }
    weight -= model.weight();
    add(model.startedAgain());
    planAgain(model.entryId);
    return true;
  }

  /** Stands for the planning of a model that is begun, or is the next to begin. */
  UnitId plan(long entryId) {
    ModelProgress model = active.get(entryId);
    return new UnitId(entryId, model == null ? FIRST_ATTEMPT : model.attempt, UnitId.PLAN);
  }

  /** The model if it is begun and not done, else null. */
  @Nullable ModelProgress find(long entryId) {
    return active.get(entryId);
  }

  /** The model of a unit if it is begun, not done, and in the unit's attempt; else null. */
  @Nullable ModelProgress find(UnitId id) {
    ModelProgress model = active.get(id.entryId());
    return model != null && model.attempt == id.attempt() ? model : null;
  }

  /** Whether a model is begun and not done, or may come back to life. */
  boolean mayComeBack(long entryId) {
    return active.containsKey(entryId) || done.containsKey(entryId);
  }

  /** Whether a later attempt at the model than that of {@code id} is known. */
  boolean hasLater(UnitId id) {
    Retired retired = done.get(id.entryId());
    ModelProgress model = retired == null ? active.get(id.entryId()) : retired.model();
    return model != null && model.attempt > id.attempt();
  }

  Collection<ModelProgress> models() {
    return Collections.unmodifiableCollection(active.values());
  }

  /** Notes that a model that {@link #nextToPlan} gave was planned. */
  void planned(ModelPlan plan) {
    if (planning.remove(plan.header().getEntryId())) {
      meanWeight += (plan.weight() - meanWeight) / FIRST_MODELS;
    }
  }

  /** Counts what the plan of a model takes. */
  void weighs(ModelProgress model) {
    weight += model.weight();
  }

  /** About how many bytes the plans of models take that are not done. */
  long weight() {
    return weight;
  }

  /**
   * Makes a model that was done one that is not, if it is still known.
   *
   * @return the model, or null
   */
  @Nullable ModelProgress revive(long entryId) {
    Retired retired = done.remove(entryId);
    if (retired == null) {
      return null;
    }
    modelsDone--;
    add(retired.model());
    return retired.model();
  }

  /** Counts a model as done, if it is; it is known until {@code checkpoint} has completed. */
  void retireIfDone(ModelProgress model, long checkpoint) {
    if (model.isDone() && active.remove(model.entryId, model)) {
      weight -= model.weight();
      modelsDone++;
      model.forgetUnits();
      Retired retired = new Retired(checkpoint, model);
      done.put(model.entryId, retired);
      doneInOrder.add(retired);
    }
  }

  /** Takes out all other models than those that {@code stays} says; they will have no result. */
  List<ModelProgress> dropUnless(Predicate<ModelProgress> stays) {
    List<ModelProgress> dropped = active.values().stream().filter(stays.negate()).toList();
    for (ModelProgress model : dropped) {
      active.remove(model.entryId);
      planning.remove(model.entryId);
      weight -= model.weight();
    }
    return dropped;
  }

  /** Forgets the models that cannot come back any more. */
  void checkpointCompleted(long checkpoint) {
    while (!doneInOrder.isEmpty() && doneInOrder.element().checkpoint() <= checkpoint) {
      // Not one that came back to life meanwhile and is done again, but after this checkpoint.
      Retired retired = doneInOrder.remove();
      boolean unused = done.remove(retired.model().entryId, retired);
    }
  }

  /** Whether nothing is begun and not done. */
  boolean isEmpty() {
    return active.isEmpty();
  }

  /** Whether no model can come back to life. */
  boolean isFinal() {
    return done.isEmpty();
  }

  long modelsDone() {
    return modelsDone;
  }
}
