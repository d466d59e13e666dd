package dev.countersign.source.ledger;

import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The models that are begun and not done, and those that are done but may come back to life until a
 * later checkpoint has completed. Not thread safe.
 */
final class ModelWindow {

  private record Retired(long checkpoint, long entryId) {}

  private final WindowSettings settings;
  private final Map<Long, ModelProgress> active = new HashMap<>();
  private final Map<Long, ModelProgress> done = new HashMap<>();
  private final Queue<Retired> doneInOrder = new ArrayDeque<>();
  private long weight;
  private long modelsDone;

  /** A window in front of which {@code modelsDone} models are done for good. */
  ModelWindow(WindowSettings settings, long modelsDone) {
    this.settings = settings;
    this.modelsDone = modelsDone;
  }

  /** Whether one more model may be begun. */
  boolean hasRoom() {
    return active.size() < settings.models() && weight < settings.bytes();
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

  /** Counts what the plan of a model takes. */
  void weighs(ModelProgress model) {
    weight += model.weight();
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
