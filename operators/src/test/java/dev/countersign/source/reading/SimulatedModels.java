package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.SimulatedEnumerator;
import dev.countersign.source.ledger.Plans;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;

/** The models of a {@link RunSimulation}: what planning and reading each comes to. */
final class SimulatedModels {

  private enum Kind {
    SOUND,
    UNPLANNABLE,
    FLAKY_PLAN,
    UNREADABLE_UNIT,
    FLAKY_UNIT,
    KILLS_PROCESS,
    BREAKS_PROCESS,
    KILLS_PLANNER,
    CHANGES
  }

  /** One model; the unit numbered {@code bad} is what its kind says. */
  private static final class Model {
    final Kind kind;
    final int units;
    final int bad;
    int faultsLeft;
    int kills;

    Model(Kind kind, int units, int bad, int faultsLeft) {
      this.kind = kind;
      this.units = units;
      this.bad = bad;
      this.faultsLeft = faultsLeft;
    }

    @Override
    public String toString() {
      return kind + " of " + units + ", bad " + bad;
    }
  }

  private static final List<Kind> MILD =
      Arrays.stream(Kind.values()).filter(kind -> kind != Kind.KILLS_PLANNER).toList();

  private final List<Model> models = new ArrayList<>();
  private final Set<Long> excused = new HashSet<>();

  /** Units that readers have, as the enumerator knows it. */
  private final Set<UnitId> out = new HashSet<>();

  /** Those that they had at the last failure. */
  private Set<UnitId> lost = Set.of();

  private boolean restarted;

  /**
   * Models drawn at random, most of them sound.
   *
   * @param harsh whether most of the others kill their process or the planner's
   */
  SimulatedModels(Random random, boolean harsh) {
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      Kind kind =
          random.nextInt(3) > 0
              ? Kind.SOUND
              : harsh && random.nextInt(3) > 0
                  ? (random.nextBoolean() ? Kind.KILLS_PROCESS : Kind.KILLS_PLANNER)
                  : MILD.get(random.nextInt(MILD.size()));
      int units = 1 + random.nextInt(5);
      models.add(
          new Model(
              kind, units, random.nextInt(units), random.nextInt(SimulatedEnumerator.RETRIES + 1)));
    }
  }

  int size() {
    return models.size();
  }

  /** A reader is sent a unit. */
  void sent(UnitId unit) {
    out.add(unit);
  }

  /** The enumerator has got a reader's answer. */
  void answered(UnitId unit) {
    out.remove(unit);
  }

  /**
   * All readers are lost; from now on models that change have changed.
   *
   * @param hadStarted whether all had started since the last time
   */
  void restarted(boolean hadStarted) {
    restarted = true;
    if (hadStarted) {
      lost = Set.copyOf(out);
    }
    out.clear();
  }

  /**
   * A process disappears at random. A sound unit that runs alone is then taken for what ended it.
   *
   * @param hasStarted whether all readers have started; the units before count if not
   */
  void excuseIfAlone(boolean hasStarted) {
    Set<UnitId> suspected = hasStarted ? out : lost;
    if (suspected.size() == 1) {
      suspected.forEach(unit -> excused.add(unit.entryId()));
    }
  }

  /** A process that plans disappears at random: a model that it plans alone is taken for why. */
  void excuse(OptionalLong plannedAlone) {
    plannedAlone.ifPresent(excused::add);
  }

  /** A cluster's memory of units that crash does not outlive its job manager. */
  void managerEnded(boolean embedded) {
    for (Model model : models) {
      model.kills = !embedded && model.kind == Kind.KILLS_PROCESS ? 0 : model.kills;
    }
  }

  /** Somebody stopped the run: charges that no checkpoint has are forgotten. */
  void stopped() {
    models.forEach(model -> model.kills = 0);
  }

  ModelPlan plan(long entryId) {
    Model model = model(entryId);
    if (model.kind == Kind.UNPLANNABLE) {
      return Plans.failing(entryId);
    }
    if (model.kind == Kind.FLAKY_PLAN && model.faultsLeft-- > 0) {
      return ModelPlan.failed(
          Plans.header(entryId), ModelFailure.stalledPlanning("a model", Duration.ofSeconds(1)));
    }
    boolean changed = restarted && model.kind == Kind.CHANGES;
    return Plans.ofUnits(
        entryId,
        changed ? "changed" : "fingerprint",
        LongStream.rangeClosed(1, model.units).toArray());
  }

  /** Whether working on a unit kills the process; never more processes than are charged to it. */
  boolean kills(ModelSplit split) {
    boolean kills = is(split, Kind.KILLS_PROCESS);
    if (kills) {
      Model model = model(split.id().entryId());
      assertThat(++model.kills).as("processes that %s kills", split).isLessThanOrEqualTo(4);
    }
    return kills;
  }

  /** Whether planning a model kills the process; never more than {@code most}. */
  boolean killsPlanner(long entryId, int most) {
    Model model = model(entryId);
    boolean kills = model.kind == Kind.KILLS_PLANNER;
    if (kills) {
      assertThat(++model.kills)
          .as("processes that end as they plan %s", entryId)
          .isLessThanOrEqualTo(most);
    }
    return kills;
  }

  private boolean is(ModelSplit split, Kind kind) {
    Model model = model(split.id().entryId());
    return split.unit().getVerdict() == null
        && model.kind == kind
        && model.bad == split.id().unit();
  }

  UnitPool.UnitOutcome outcome(ModelSplit split) {
    if (is(split, Kind.BREAKS_PROCESS)) {
      return new UnitPool.UnitOutcome.Fatal(split.id(), new InternalError("of the simulation"));
    }
    if (is(split, Kind.UNREADABLE_UNIT)) {
      return new UnitPool.UnitOutcome.Broken(
          split.id(), new ModelFailure(FailureReason.SYMLINK_NOT_ALLOWED, "a link"));
    }
    if (is(split, Kind.FLAKY_UNIT) && model(split.id().entryId()).faultsLeft-- > 0) {
      return new UnitPool.UnitOutcome.Broken(
          split.id(), ModelFailure.stalled("a model", Duration.ofSeconds(1)));
    }
    return new UnitPool.UnitOutcome.Done(split.id(), record(split.unit()));
  }

  private static UnitRecord record(WorkUnit unit) {
    UnitRecord.Builder record =
        UnitRecord.newBuilder()
            .setHeader(unit.getHeader())
            .setUnit(unit.getUnit())
            .setUnitCount(unit.getUnitCount())
            .setVerdict(unit.getVerdict());
    return unit.getVerdict() != null
        ? record.build()
        : record
            .setDigests(
                List.of(
                    new RangeDigest(
                        "file" + unit.getUnit(), 0L, -1L, ByteBuffer.wrap(new byte[32]))))
            .setCounts(new DifferenceCounts(0L, 0L, 0L, 0L))
            .build();
  }

  /** Throws if results are not one for each model, and what it has to come to. */
  void judge(List<AssembledModel> results) {
    assertThat(results)
        .extracting(result -> result.getHeader().getEntryId())
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, size()).boxed().toList());
    results.forEach(this::judge);
  }

  private void judge(AssembledModel result) {
    long id = result.getHeader().getEntryId();
    Model model = model(id);
    FailureReason failed = result.getVerdict() == null ? null : result.getVerdict().getReason();
    if (failed == FailureReason.CRASHED_WORKER && excused.contains(id)) {
      return;
    }
    if (failed == FailureReason.CHANGED_WHILE_READ && model.kind == Kind.CHANGES && restarted) {
      return;
    }
    FailureReason expected =
        switch (model.kind) {
          case UNPLANNABLE -> FailureReason.EMPTY_MODEL;
          case UNREADABLE_UNIT -> FailureReason.SYMLINK_NOT_ALLOWED;
          case KILLS_PROCESS, BREAKS_PROCESS, KILLS_PLANNER -> FailureReason.CRASHED_WORKER;
          case SOUND, FLAKY_PLAN, FLAKY_UNIT, CHANGES -> null;
        };
    assertThat(failed).as("what model %s came to, %s; %s", id, model, result).isEqualTo(expected);
    if (failed == null) {
      assertThat(result.getDigests())
          .extracting(RangeDigest::getName)
          .as("files of model %s", id)
          .containsExactly(
              LongStream.range(0, model.units)
                  .mapToObj(unit -> "file" + unit)
                  .toArray(String[]::new));
    }
  }

  private Model model(long entryId) {
    return models.get(Math.toIntExact(entryId));
  }

  @Override
  public String toString() {
    return "models " + models;
  }
}
