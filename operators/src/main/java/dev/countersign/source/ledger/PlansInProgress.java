package dev.countersign.source.ledger;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.source.checkpoint.UnitJournal;
import dev.countersign.source.signals.ProcessIdentity;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.UnitId;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Models that are being planned, and what the journal says of those whose planning may have ended
 * the process. Such a model is a suspect: it is planned while nothing else is done, and fails after
 * {@link #CRASHES_ALLOWED} crashes, the first of which others may have caused. Not thread safe;
 * {@link PlanTurn} is.
 */
final class PlansInProgress {

  /** How many processes may end while they plan a model. */
  private static final int CRASHES_ALLOWED = 3;

  private final ModelWindow models;
  private final UnitJournal journal;
  private final String process = ProcessIdentity.planner();
  private final PlanTurn.Gate gate = new PlanTurn.Gate();
  private final Map<Long, PlanTurn> turns = new HashMap<>();
  private @Nullable UnitId alone;
  private long readable;

  /** Starts with none. */
  PlansInProgress(ModelWindow models, UnitJournal journal) {
    this.models = models;
    this.journal = journal;
  }

  /**
   * Whether units have to wait: one runs alone, or a suspect is being planned, or is the next to
   * plan. Not while other models are planned and not done: a suspect may need the memory that their
   * plans have.
   */
  boolean comeFirst() {
    OptionalLong next = models.nextToPlan(readable);
    return alone != null
        || (models.weight() == 0 && next.isPresent() && isSuspect(models.plan(next.getAsLong())));
  }

  /**
   * The next entry to plan, if there is one; it counts as begun.
   *
   * @param readable the first entry that was not read yet
   * @param idle whether no unit is out and no reader is lost, so that a suspect may be planned
   */
  OptionalLong next(long readable, boolean idle) {
    this.readable = readable;
    OptionalLong next = models.nextToPlan(readable);
    if (next.isEmpty() || alone != null) {
      return OptionalLong.empty();
    }
    UnitId plan = models.plan(next.getAsLong());
    if (isSuspect(plan)) {
      if (!idle || !models.planning().isEmpty() || models.weight() > 0) {
        return OptionalLong.empty();
      }
      alone = plan;
    }
    models.begin();
    return next;
  }

  /** Whether a process ended while it planned a model; if readers are lost, whether it may have. */
  private boolean isSuspect(UnitId plan) {
    ModelProgress model = models.find(plan.entryId());
    return journal.isPending(plan) || (model != null && model.crashes(UnitId.PLAN) > 0);
  }

  /**
   * Charges the model that {@link #next} returned with the processes that ended as they planned it.
   *
   * @param uri of the model; its number may be another model's after a restart
   * @param lastCheckpoint the last that has begun
   * @return why it must not be planned again, if these are too many
   */
  Optional<ModelFailure> charge(long entryId, String uri, long lastCheckpoint) {
    ModelProgress model = Objects.requireNonNull(models.find(entryId));
    journal
        .take(models.plan(entryId), word(uri), lastCheckpoint)
        .forEach(ended -> model.crashed(UnitId.PLAN, ended));
    int crashes = model.crashes(UnitId.PLAN);
    return crashes < CRASHES_ALLOWED
        ? Optional.empty()
        : Optional.of(ModelFailure.crashedPlanning(uri, crashes));
  }

  /**
   * The planning of a model, which records that this process plans it once it has begun; that may
   * wait.
   */
  PlanTurn turn(long entryId, String uri) {
    UnitId plan = models.plan(entryId);
    PlanTurn turn = new PlanTurn(gate, () -> journal.planBegins(plan, word(uri), process));
    turns.put(entryId, turn);
    return turn;
  }

  /**
   * Has no model planned, unless one is being planned now, so that a unit can run alone; {@link
   * #runsAlone} follows. A plan that waits for memory may wait for that of this unit's model.
   *
   * @return whether none is
   */
  boolean pause() {
    return gate.close(models.planning().stream().map(turns::get));
  }

  /** Notes which unit runs while nothing else is done; null for none. */
  void runsAlone(@Nullable UnitId unit) {
    alone = unit;
    if (unit == null) {
      gate.open();
    }
  }

  /** What perhaps ran alone is over. */
  void over(UnitId id) {
    if (id.equals(alone)) {
      runsAlone(null);
    }
  }

  /** No unit of this model is waited for any more. */
  void dropped(long entryId) {
    if (alone != null && alone.entryId() == entryId && alone.unit() != UnitId.PLAN) {
      runsAlone(null);
    }
  }

  private static String word(String uri) {
    return Integer.toHexString(uri.hashCode());
  }

  /** A model was planned, so that no process ended with it, or {@link #charge} has failed it. */
  void end(ModelPlan planned) {
    long entryId = planned.header().getEntryId();
    UnitId plan = models.plan(entryId);
    ModelProgress model = models.find(entryId);
    models.planned(planned);
    turns.remove(entryId);
    if (model == null || model.crashes(UnitId.PLAN) < CRASHES_ALLOWED) {
      journal.finished(plan);
      if (model != null) {
        model.clearCrashes(UnitId.PLAN);
      }
    }
    if (plan.equals(alone)) {
      over(plan);
      journal.plannedAlone();
    }
  }
}
