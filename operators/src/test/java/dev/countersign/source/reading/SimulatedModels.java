package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.hashing.Blake3Compressor;
import dev.countersign.hashing.Blake3Tree;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.SubtreeValue;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.SimulatedEnumerator;
import dev.countersign.source.ledger.Plans;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

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
    CHANGES_BETWEEN_LIVES,
    CHANGES_ONCE,
    KEEPS_CHANGING
  }

  /** One model; the unit numbered {@code bad} is what its kind says. */
  private static final class Model {
    final Kind kind;
    final int units;
    final int bad;

    /** Whether its units hash subtrees of one file, rather than a file each. */
    final boolean isOneFile;

    /** Whether as many other units are made of it once the run has restarted. */
    final boolean isRecut;

    int faultsLeft;
    int kills;
    boolean changed;

    Model(Kind kind, int units, int bad, boolean isOneFile, boolean isRecut, int faultsLeft) {
      this.kind = kind;
      this.units = units;
      this.bad = bad;
      this.isOneFile = isOneFile;
      this.isRecut = isRecut;
      this.faultsLeft = faultsLeft;
    }

    @Override
    public String toString() {
      return kind
          + " of "
          + units
          + (isOneFile ? " subtrees" : "")
          + (isRecut ? ", recut" : "")
          + ", bad "
          + bad;
    }
  }

  private static final List<Kind> MILD =
      Arrays.stream(Kind.values()).filter(kind -> kind != Kind.KILLS_PLANNER).toList();

  private final List<Model> models = new ArrayList<>();
  private final @Nullable Random blocks;
  private final Set<Long> excused = new HashSet<>();

  /** Units that readers have, as the enumerator knows it. */
  private final Set<UnitId> out = new HashSet<>();

  /** Those that they had at the last failure. */
  private Set<UnitId> lost = Set.of();

  private boolean restarted;

  /** The last checkpoint when a job manager ended. */
  private @Nullable SimulatedCheckpoint inherited;

  /**
   * Models drawn at random, most of them sound.
   *
   * @param harsh whether most of the others kill their process or the planner's
   * @param blocks on which machines the blocks of files are, at each plan; null if nobody says
   */
  SimulatedModels(Random random, boolean harsh, @Nullable Random blocks) {
    this.blocks = blocks;
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      Kind kind =
          random.nextInt(3) > 0
              ? Kind.SOUND
              : harsh && random.nextInt(3) > 0
                  ? (random.nextBoolean() ? Kind.KILLS_PROCESS : Kind.KILLS_PLANNER)
                  : MILD.get(random.nextInt(MILD.size()));
      int units = 1 + random.nextInt(5);
      int bad = random.nextInt(units);
      boolean isOneFile = units > 1 && random.nextBoolean();
      models.add(
          new Model(
              kind,
              units,
              bad,
              isOneFile,
              kind == Kind.SOUND && units > 1 && !isOneFile && i % 2 == 0,
              random.nextInt(SimulatedEnumerator.RETRIES + 1)));
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
   * All readers are lost; from now on models that change have changed, and others are cut
   * otherwise.
   *
   * <p>A job manager that has only the checkpoint does not know whether the unit that was read
   * alone then was done before its process ended, so that a sound one is taken for what ended it.
   *
   * @param hadStarted whether all had started since the last time
   * @param completed the last checkpoint
   */
  void restarted(
      boolean hadStarted, @Nullable SimulatedCheckpoint completed, SimulatedProcesses processes)
      throws IOException {
    restarted = true;
    if (completed != null && completed == inherited) {
      completed.abandoned(processes).ifPresent(unit -> excused.add(unit.entryId()));
    }
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
  void managerEnded(boolean embedded, @Nullable SimulatedCheckpoint completed) {
    if (embedded) {
      return;
    }
    models.stream()
        .filter(model -> model.kind == Kind.KILLS_PROCESS)
        .forEach(model -> model.kills = 0);
    inherited = completed;
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
    boolean changed = model.changed || (restarted && model.kind == Kind.CHANGES_BETWEEN_LIVES);
    List<UnitRange> files = new ArrayList<>();
    for (int i = 0; i < model.units; i++) {
      files.add(Plans.range("file" + i, i + 1L));
    }
    if (restarted && model.isRecut) {
      Collections.rotate(files, 1);
    }
    return Plans.ofUnits(entryId, changed ? "changed" : "content", files, name -> machines());
  }

  /** One more machine has blocks than {@link SimulatedProcesses} can have task managers on. */
  private List<String> machines() {
    return blocks == null
        ? List.of()
        : blocks
            .ints(blocks.nextInt(3), 0, SimulatedProcesses.MACHINES + 1)
            .distinct()
            .mapToObj(SimulatedProcesses::machine)
            .toList();
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
    if (is(split, Kind.KEEPS_CHANGING) || (is(split, Kind.CHANGES_ONCE) && changesNow(split))) {
      return new UnitPool.UnitOutcome.Broken(split.id(), ModelFailure.changedMeanwhile("a model"));
    }
    return new UnitPool.UnitOutcome.Done(
        split.id(), record(split.unit(), model(split.id().entryId()).isOneFile));
  }

  private boolean changesNow(ModelSplit split) {
    Model model = model(split.id().entryId());
    boolean now = !model.changed;
    model.changed = true;
    return now;
  }

  private static UnitRecord record(WorkUnit unit, boolean isOneFile) {
    UnitRecord.Builder record =
        UnitRecord.newBuilder()
            .setHeader(unit.getHeader())
            .setUnit(unit.getUnit())
            .setUnitCount(unit.getUnitCount())
            .setVerdict(unit.getVerdict());
    if (unit.getVerdict() != null) {
      return record.build();
    }
    if (isOneFile) {
      record.setSubtrees(List.of(subtree(unit.getUnit(), unit.getUnitCount())));
    }
    return isOneFile
        ? record.setCounts(new DifferenceCounts(0L, 0L, 0L, 0L)).build()
        : record
            .setDigests(
                List.of(
                    new RangeDigest(
                        unit.getRanges().get(0).getName(), 0L, -1L, ByteBuffer.wrap(new byte[32]))))
            .setCounts(new DifferenceCounts(0L, 0L, 0L, 0L))
            .build();
  }

  /** A chunk of a file, whose chaining value is its number. */
  private static SubtreeValue subtree(int unit, int units) {
    long chunk = Blake3Compressor.CHUNK_BYTES;
    return new SubtreeValue(
        UnitRange.newBuilder()
            .setName("file")
            .setStart(unit * chunk)
            .setEnd((unit + 1) * chunk)
            .setLength(units * chunk)
            .setSubtree(true)
            .build(),
        ByteBuffer.wrap(value(unit)));
  }

  private static byte[] value(int unit) {
    byte[] value = new byte[32];
    value[0] = (byte) unit;
    return value;
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
    FailureReason expected =
        switch (model.kind) {
          case UNPLANNABLE -> FailureReason.EMPTY_MODEL;
          case UNREADABLE_UNIT -> FailureReason.SYMLINK_NOT_ALLOWED;
          case KILLS_PROCESS, BREAKS_PROCESS, KILLS_PLANNER -> FailureReason.CRASHED_WORKER;
          case KEEPS_CHANGING -> FailureReason.CHANGED_WHILE_READ;
          case SOUND, FLAKY_PLAN, FLAKY_UNIT, CHANGES_BETWEEN_LIVES, CHANGES_ONCE -> null;
        };
    assertThat(failed).as("what model %s came to, %s; %s", id, model, result).isEqualTo(expected);
    if (failed == null && model.isOneFile) {
      ByteBuffer digest =
          ByteBuffer.wrap(
              Blake3Tree.digest(
                  IntStream.range(0, model.units).mapToObj(SimulatedModels::value).toList()));
      assertThat(result.getDigests())
          .as("the file of model %s", id)
          .containsExactly(new RangeDigest("file", 0L, -1L, digest));
    } else if (failed == null) {
      assertThat(result.getDigests())
          .extracting(RangeDigest::getName)
          .as("files of model %s", id)
          .containsExactlyInAnyOrder(
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
