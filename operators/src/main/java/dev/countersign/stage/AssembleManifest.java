package dev.countersign.stage;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.outcome.RecordedDifferences;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.text.Printable;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers the units of each model, keyed by entry id, and emits the model when the last one is in,
 * exactly once. A newer attempt drops what an older one left; a verdict ends the model whatever has
 * come. A model of one unit never touches state at the first attempt.
 */
public final class AssembleManifest extends KeyedProcessFunction<Long, UnitRecord, AssembledModel> {

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(AssembleManifest.class);

  /** How long units of a decided model may still be on their way. */
  private static final Duration STRAGGLERS = Duration.ofMinutes(10);

  private static final Comparator<Difference> BY_KIND_AND_NAME =
      Comparator.comparing(Difference::getKind).thenComparing(Difference::getName);

  private final int maxDifferences;

  private transient @Nullable ListState<UnitRecord> units;
  private transient @Nullable ValueState<byte[]> received;
  private transient @Nullable ValueState<Integer> listed;
  private transient @Nullable ValueState<Long> listedBytes;
  private transient @Nullable ValueState<Integer> attempt;
  private transient @Nullable ValueState<Integer> closedAttempt;

  /** Keeps at most {@code maxDifferences} differences a model. */
  public AssembleManifest(int maxDifferences) {
    this.maxDifferences = maxDifferences;
  }

  @Override
  public void open(OpenContext context) {
    units =
        getRuntimeContext()
            .getListState(new ListStateDescriptor<>("units", new AvroTypeInfo<>(UnitRecord.class)));
    received = value("received", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
    listed = value("listed", Types.INT);
    listedBytes = value("listedBytes", Types.LONG);
    attempt = value("attempt", Types.INT);
    closedAttempt = value("closedAttempt", Types.INT);
  }

  private <T> ValueState<T> value(String name, TypeInformation<T> type) {
    return getRuntimeContext().getState(new ValueStateDescriptor<>(name, type));
  }

  @Override
  public void processElement(UnitRecord unit, Context context, Collector<AssembledModel> out)
      throws Exception {
    int current = unit.getHeader().getAttempt();
    Integer closed = state(closedAttempt).value();
    if (closed != null && current <= closed) {
      return;
    }
    if (unit.getVerdict() != null) {
      clear();
      if (unit.getUnitCount() > 0 && unit.getVerdict().getOutcome() == Outcome.FAILED) {
        state(closedAttempt).update(current);
        context
            .timerService()
            .registerProcessingTimeTimer(
                context.timerService().currentProcessingTime() + STRAGGLERS.toMillis());
      }
      out.collect(decided(unit));
    } else if (unit.getUnitCount() == 1) {
      if (current > 1) {
        clear();
      }
      out.collect(merged(List.of(), unit));
    } else {
      gather(unit, current, out);
    }
  }

  private void gather(UnitRecord unit, int current, Collector<AssembledModel> out)
      throws Exception {
    Integer known = state(attempt).value();
    if (known != null && current < known) {
      return;
    }
    if (known == null || current > known) {
      clear();
      state(attempt).update(current);
    }
    byte[] saved = state(received).value();
    BitSet in = saved == null ? new BitSet() : BitSet.valueOf(ByteBuffer.wrap(saved));
    if (in.get(unit.getUnit())) {
      return;
    }
    in.set(unit.getUnit());
    if (in.cardinality() < unit.getUnitCount()) {
      state(received).update(in.toByteArray());
      state(units).add(bounded(unit));
      return;
    }
    AssembledModel model = merged(state(units).get(), unit);
    clear();
    out.collect(model);
  }

  /** In a frame of its own: while a stage signs the model, nothing here holds its units. */
  private AssembledModel merged(Iterable<UnitRecord> before, UnitRecord last) {
    try {
      List<UnitRecord> all = new ArrayList<>(last.getUnitCount());
      before.forEach(all::add);
      all.add(last);
      return merge(all, maxDifferences);
    } catch (OutOfMemoryError e) {
      // All else can go on without this model, and it would take the memory again after a restart.
      LOG.error("{} took all memory", Printable.of(last.getHeader().getModel()), e);
      last.setVerdict(ModelFailure.outOfMemory(last.getHeader().getModel()).verdict());
      return decided(last);
    }
  }

  /** Drops differences beyond those that a result lists, lest a model of a million wait here. */
  private UnitRecord bounded(UnitRecord unit) throws Exception {
    int count = Objects.requireNonNullElse(state(listed).value(), 0);
    long bytes = Objects.requireNonNullElse(state(listedBytes).value(), 0L);
    RecordedDifferences kept =
        new RecordedDifferences(maxDifferences - count, RecordedDifferences.MAX_TEXT_BYTES - bytes);
    kept.addAll(unit.getDifferences());
    unit.setDifferences(kept.list());
    if (!kept.list().isEmpty()) {
      state(listed).update(count + kept.list().size());
      state(listedBytes).update(bytes + kept.textBytes());
    }
    return unit;
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<AssembledModel> out)
      throws Exception {
    state(closedAttempt).clear();
  }

  private void clear() throws Exception {
    state(units).clear();
    state(received).clear();
    state(listed).clear();
    state(listedBytes).clear();
    state(attempt).clear();
  }

  private static <T> T state(@Nullable T state) {
    if (state == null) {
      throw new IllegalStateException("used before open()");
    }
    return state;
  }

  /** The record of a model that is decided, whatever else was read of it. */
  static AssembledModel decided(UnitRecord verdict) {
    AssembledModel model = begin(verdict);
    model.setVerdict(verdict.getVerdict());
    model.setRetries(verdict.getRetries());
    return model;
  }

  /**
   * Merges the units of a model; the order in which they came does not matter.
   *
   * @param units all of them, each once, at least one
   * @param maxDifferences how many differences to keep, if their texts are not too long; the counts
   *     stay exact
   */
  static AssembledModel merge(List<UnitRecord> units, int maxDifferences) {
    List<UnitRecord> inOrder = new ArrayList<>(units);
    inOrder.sort(Comparator.comparingInt(UnitRecord::getUnit));
    AssembledModel model = begin(inOrder.get(0));
    DifferenceCounts counts = model.getCounts();
    for (UnitRecord unit : inOrder) {
      model.getDigests().addAll(unit.getDigests());
      model.getDifferences().addAll(unit.getDifferences());
      model.setRetries(model.getRetries() + unit.getRetries());
      model.setBytes(model.getBytes() + unit.getBytes());
      model.setFiles(model.getFiles() + unit.getFiles());
      model.setLfsPointers(model.getLfsPointers() + unit.getLfsPointers());
      DifferenceCounts found = unit.getCounts();
      if (found != null) {
        counts.setMissing(counts.getMissing() + found.getMissing());
        counts.setExtra(counts.getExtra() + found.getExtra());
        counts.setChanged(counts.getChanged() + found.getChanged());
        counts.setLinkedDirectories(counts.getLinkedDirectories() + found.getLinkedDirectories());
      }
    }
    List<Difference> differences = model.getDifferences();
    differences.sort(BY_KIND_AND_NAME);
    RecordedDifferences kept = new RecordedDifferences(maxDifferences);
    kept.addAll(differences);
    model.setDifferences(kept.list());
    return model;
  }

  private static AssembledModel begin(UnitRecord unit) {
    AssembledModel model = new AssembledModel();
    model.setHeader(unit.getHeader());
    model.setDigests(new ArrayList<>());
    model.setDifferences(new ArrayList<>());
    model.setCounts(new DifferenceCounts(0L, 0L, 0L, 0L));
    return model;
  }
}
