package dev.countersign.source.ledger;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.PlannedModel;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.ledger.UnitLedger.Cancellation;
import dev.countersign.source.signals.EnumeratorEvent;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.UnitCutter;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WorkUnits;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How far one model is: the state of each of its units. A verdict, if one ends the model, is a unit
 * numbered behind all others. Not thread safe.
 */
final class ModelProgress {

  /** State of a unit. */
  enum State {
    /** Not with a reader. */
    WAITING,
    /** With a reader. */
    OUT,
    /** Was with a reader that is lost; whether it was emitted shows when readers are back. */
    UNKNOWN,
    /** Emitted, or dropped because the model is decided. */
    FINISHED
  }

  final long entryId;
  final int attempt;
  private String fingerprint = "";
  private State[] states = {};
  private int[] readers = {};
  private int open;
  private int busy;
  private final Map<Integer, Set<String>> crashes = new HashMap<>();
  private final Map<Integer, Integer> retries = new HashMap<>();
  private int planRetries;

  /** Whether an earlier attempt found that the model had changed. */
  private boolean changedBefore;

  private @Nullable List<WorkUnit> units;
  private List<List<String>> hosts = List.of();
  private @Nullable ModelHeader header;
  private @Nullable Verdict verdict;
  private long weight;

  ModelProgress(long entryId, int attempt) {
    this.entryId = entryId;
    this.attempt = attempt;
    size(0);
  }

  /** Continues from a checkpoint; units that a reader had are {@link State#UNKNOWN}. */
  static ModelProgress restore(PlannedModel saved) {
    ModelProgress progress = new ModelProgress(saved.getEntryId(), saved.getAttempt());
    progress.fingerprint = saved.getFingerprint();
    progress.size(saved.getUnitCount());
    BitSet finished = BitSet.valueOf(saved.getFinished());
    BitSet assigned = BitSet.valueOf(saved.getAssigned());
    for (int unit = 0; unit < progress.states.length; unit++) {
      State state =
          finished.get(unit) ? State.FINISHED : assigned.get(unit) ? State.UNKNOWN : State.WAITING;
      progress.set(unit, state, -1);
    }
    progress.crashes.putAll(mapped(saved.getCrashes(), Integer::valueOf, LinkedHashSet::new));
    progress.retries.putAll(mapped(saved.getRetries(), Integer::valueOf, count -> count));
    progress.planRetries = saved.getPlanRetries();
    progress.changedBefore = saved.getChangedBefore();
    progress.header = saved.getHeader();
    progress.verdict = saved.getVerdict();
    return progress;
  }

  PlannedModel save() {
    BitSet finished = new BitSet();
    BitSet assigned = new BitSet();
    for (int unit = 0; unit < states.length; unit++) {
      finished.set(unit, states[unit] == State.FINISHED);
      assigned.set(unit, states[unit] == State.OUT || states[unit] == State.UNKNOWN);
    }
    return PlannedModel.newBuilder()
        .setEntryId(entryId)
        .setAttempt(attempt)
        .setFingerprint(fingerprint)
        .setUnitCount(unitCount())
        .setFinished(ByteBuffer.wrap(finished.toByteArray()))
        .setAssigned(ByteBuffer.wrap(assigned.toByteArray()))
        .setCrashes(mapped(crashes, String::valueOf, List::copyOf))
        .setRetries(mapped(retries, String::valueOf, count -> count))
        .setPlanRetries(planRetries)
        .setChangedBefore(changedBefore)
        .setVerdict(verdict)
        .setHeader(verdict == null ? null : header)
        .build();
  }

  /** Takes over a plan. A second plan must cut the model as the first one did. */
  void plan(ModelPlan plan) {
    if (states.length == 1) {
      size(plan.units().size());
    }
    fingerprint = plan.fingerprint();
    header = plan.header();
    units = plan.units();
    hosts = plan.hosts();
    weight = plan.weight();
  }

  /** Whether a first plan is known, at least by its fingerprint. */
  boolean wasPlanned() {
    return !fingerprint.isEmpty();
  }

  /** The first plan's fingerprint; empty if it is not known. */
  String fingerprint() {
    return fingerprint;
  }

  /** Whether {@code plan} is the one that this model's units were cut by. */
  boolean matches(ModelPlan plan) {
    return plan.fingerprint().equals(fingerprint) && plan.units().size() == unitCount();
  }

  /** Whether {@code plan} cuts what this model's units were cut from into other units. */
  boolean isCutOtherwise(ModelPlan plan) {
    return wasPlanned() && !matches(plan) && plan.hasContentOf(fingerprint);
  }

  /** The next attempt at the model, which is to be planned and of which nothing was read. */
  ModelProgress nextAttempt() {
    ModelProgress next = new ModelProgress(entryId, attempt + 1);
    next.planRetries = planRetries;
    next.changedBefore = changedBefore;
    return next;
  }

  /** Whether the verdict is that the model has changed, for the first time. */
  boolean mayStartAgain() {
    return !changedBefore
        && verdict != null
        && verdict.getReason() == FailureReason.CHANGED_WHILE_READ;
  }

  /** The next attempt at a model that was found changed. */
  ModelProgress startedAgain() {
    ModelProgress next = nextAttempt();
    next.changedBefore = true;
    return next;
  }

  /** How {@code plan} ends the model: by its verdict, or because the model changed; or null. */
  @Nullable Verdict verdictBy(ModelPlan plan) {
    return plan.verdict() == null && wasPlanned() && !matches(plan)
        ? ModelFailure.changedMeanwhile(plan.header().getModel()).verdict()
        : plan.verdictAfter(1 + planRetries);
  }

  /** Whether units can be handed out: planned in this life of the enumerator, or decided. */
  boolean isReady() {
    return units != null || verdict != null;
  }

  /** Ends the model: what no reader has is dropped. The first verdict stays. */
  void decide(ModelHeader describing, Verdict decided) {
    if (verdict != null) {
      return;
    }
    verdict = decided;
    header = describing;
    for (int unit = 0; unit < unitCount(); unit++) {
      if (states[unit] == State.WAITING) {
        set(unit, State.FINISHED, -1);
      }
    }
    set(unitCount(), State.WAITING, -1);
  }

  boolean isDecided() {
    return verdict != null;
  }

  /** Whether the verdict may go out: no reader has, or may have had, a unit of the model. */
  boolean isVerdictDue() {
    return verdict != null && busy == 0 && states[unitCount()] == State.WAITING;
  }

  /** Whether a unit that waits may go out. */
  boolean isDue(int unit) {
    return unit == unitCount() ? isVerdictDue() : isReady() && !isDecided();
  }

  /** Whether all units were emitted, though nothing is planned in this life of the enumerator. */
  boolean isEmitted() {
    return wasPlanned() && !isReady() && open == 0;
  }

  /** Needs no plan any more: all was emitted. */
  void settle() {
    units = List.of();
  }

  /** Whether everything was emitted. */
  boolean isDone() {
    return isReady() && open == 0;
  }

  /** What a reader gets to do for unit number {@code unit}. */
  WorkUnit unit(int unit) {
    if (unit == unitCount()) {
      WorkUnit end = WorkUnits.verdict(checked(header), unitCount(), checked(verdict));
      end.setRetries(planRetries + retries.values().stream().mapToInt(Integer::intValue).sum());
      return end;
    }
    WorkUnit work = checked(units).get(unit);
    work.setRetries(retries(unit) + (unit == 0 ? planRetries : 0));
    return work;
  }

  long bytes(int unit) {
    return unit == unitCount()
        ? Long.MAX_VALUE
        : checked(units).get(unit).getRanges().stream().mapToLong(UnitCutter::bytesOf).sum();
  }

  /** The machines that hold at least half of what a unit reads. */
  List<String> hosts(int unit) {
    return unit < hosts.size() ? hosts.get(unit) : List.of();
  }

  /** The identity of unit number {@code unit}. */
  UnitId id(int unit) {
    return new UnitId(entryId, attempt, unit);
  }

  int unitCount() {
    return states.length - 1;
  }

  long weight() {
    return weight;
  }

  State state(int unit) {
    return states[unit];
  }

  /** The units in a state, the verdict included. */
  List<UnitId> units(State state) {
    return IntStream.range(0, states.length)
        .filter(unit -> states[unit] == state)
        .mapToObj(this::id)
        .toList();
  }

  /** What to tell readers that work on the model, in vain. */
  List<Cancellation> cancellations() {
    var message = new EnumeratorEvent.CancelModel(entryId, attempt);
    return units(State.OUT).stream()
        .map(id -> readers[id.unit()])
        .distinct()
        .map(reader -> new Cancellation(reader, message))
        .toList();
  }

  int reader(int unit) {
    return readers[unit];
  }

  /** How many processes disappeared while they had a unit. */
  int crashes(int unit) {
    return crashes.getOrDefault(unit, Set.of()).size();
  }

  /** Charges a unit with the end of a process. */
  void crashed(int unit, String process) {
    crashes.computeIfAbsent(unit, first -> new LinkedHashSet<>()).add(process);
  }

  /** Takes back all charges of a unit, or of {@link UnitId#PLAN}, which did no harm. */
  void clearCrashes(int unit) {
    crashes.remove(unit);
  }

  /** Takes back the charges for processes that did not end as charged. */
  void retainCrashes(Predicate<String> hasEnded) {
    crashes.values().forEach(processes -> processes.removeIf(hasEnded.negate()));
  }

  /** How often a unit, or {@link UnitId#PLAN}, was tried again. */
  int retries(int unit) {
    return unit == UnitId.PLAN ? planRetries : retries.getOrDefault(unit, 0);
  }

  void retried(int unit) {
    if (unit == UnitId.PLAN) {
      planRetries++;
    } else {
      retries.merge(unit, 1, Integer::sum);
    }
  }

  /**
   * Whether the model comes to its end by itself: readers have had all of it that there is to do,
   * but for the verdict of one that failed while it was read.
   */
  boolean isBeyondHandingOut() {
    for (int unit = 0; unit < unitCount(); unit++) {
      if (states[unit] == State.WAITING) {
        return false;
      }
    }
    return isReady() && (unitCount() > 0 || states[0] != State.WAITING);
  }

  /** Forgets what can be planned again, to keep a model that is done small. */
  void forgetUnits() {
    units = null;
    hosts = List.of();
    weight = 0;
  }

  void set(int unit, State state, int reader) {
    open += counts(state) - counts(states[unit]);
    busy += isBusy(state) - isBusy(states[unit]);
    states[unit] = state;
    readers[unit] = reader;
  }

  private void size(int unitCount) {
    states = new State[unitCount + 1];
    readers = new int[unitCount + 1];
    Arrays.fill(states, State.WAITING);
    Arrays.fill(readers, -1);
    // No verdict is due until there is one.
    states[unitCount] = State.FINISHED;
    open = unitCount;
    busy = 0;
  }

  private static int counts(State state) {
    return state == State.FINISHED ? 0 : 1;
  }

  private static int isBusy(State state) {
    return state == State.OUT || state == State.UNKNOWN ? 1 : 0;
  }

  private static <A, B, V, W> Map<B, W> mapped(
      Map<A, V> map, Function<A, B> key, Function<V, W> value) {
    return map.entrySet().stream()
        .collect(
            Collectors.toMap(
                entry -> key.apply(entry.getKey()), entry -> value.apply(entry.getValue())));
  }

  private static <T> T checked(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("a unit was asked for before the model was planned");
    }
    return value;
  }
}
