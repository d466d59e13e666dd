package dev.countersign.source.ledger;

import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
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

  private record Retired(long checkpoint, long entryId) {}

  private final WindowSettings settings;
  private final long entries;
  private final Queue<Long> again = new ArrayDeque<>();
  private final Map<Long, ModelProgress> active = new HashMap<>();
  private final Map<Long, ModelProgress> done = new HashMap<>();
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
   * Takes the next model to plan: one that has to be planned once more, or the next of the catalog
   * if there is room, which counts as begun.
   *
   * @param readable the first entry that was not read yet, so that it cannot be begun
   */
  OptionalLong nextToPlan(long readable) {
    for (Long next = again.poll(); next != null; next = again.poll()) {
      if (active.containsKey(next)) {
        planning.add(next);
        return OptionalLong.of(next);
      }
    }
    // Plans of which nothing is known yet will take as much as those before them.
    boolean hasRoom =
        active.size() < settings.models()
            && weight + planning.size() * meanWeight < settings.bytes();
    if (ended || cursor >= Math.min(entries, readable) || !hasRoom) {
      return OptionalLong.empty();
    }
    add(new ModelProgress(cursor, 1));
    planning.add(cursor);
    return OptionalLong.of(cursor++);
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

  /** The model if it is begun and not done, else null. */
  @Nullable ModelProgress find(long entryId) {
    return active.get(entryId);
  }

  /** Whether a model is begun and not done, or may come back to life. */
  boolean mayComeBack(long entryId) {
    return active.containsKey(entryId) || done.containsKey(entryId);
  }

  /** Whether a later attempt at the model than that of {@code id} is known. */
  boolean hasLater(UnitId id) {
    ModelProgress model = active.getOrDefault(id.entryId(), done.get(id.entryId()));
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
    ModelProgress model = done.remove(entryId);
    if (model != null) {
      // Else the checkpoint that it was done before would forget it, though it is done after that.
      doneInOrder.removeIf(retired -> retired.entryId() == entryId);
      modelsDone--;
      add(model);
    }
    return model;
  }

  /** Counts a model as done, if it is; it is known until {@code checkpoint} has completed. */
  void retireIfDone(ModelProgress model, long checkpoint) {
    if (model.isDone() && active.remove(model.entryId, model)) {
      weight -= model.weight();
      modelsDone++;
      model.forgetUnits();
      done.put(model.entryId, model);
      doneInOrder.add(new Retired(checkpoint, model.entryId));
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
      done.remove(doneInOrder.remove().entryId());
    }
  }

  /** Does something to each chosen unit of models that are not done, verdicts included. */
  void forEachUnit(Predicate<UnitId> chosen, Consumer<UnitId> action) {
    List<UnitId> ids = new ArrayList<>();
    for (ModelProgress model : active.values()) {
      for (int unit = 0; unit <= model.unitCount(); unit++) {
        UnitId id = model.id(unit);
        if (chosen.test(id)) {
          ids.add(id);
        }
      }
    }
    ids.forEach(action);
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
