package dev.countersign.stage;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.outcome.RecordedDifferences;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.source.units.Subtrees;
import dev.countersign.source.units.Subtrees.HashedFile;
import dev.countersign.storage.RequestCounts;
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
 * exactly once; files that several units hashed get their digests then, and their listings. A newer
 * attempt drops what an older one left; a verdict ends the model whatever has come. A model of one
 * unit never touches state at the first attempt.
 */
public final class AssembleManifest extends KeyedProcessFunction<Long, UnitRecord, AssembledModel> {

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(AssembleManifest.class);

  /** How long units of a decided model may still be on their way. */
  private static final Duration STRAGGLERS = Duration.ofMinutes(10);

  private static final Comparator<Difference> BY_KIND_AND_NAME =
      Comparator.comparing(Difference::getKind).thenComparing(Difference::getName);

  private final String runId;
  private final int maxDifferences;

  private transient @Nullable ListState<UnitRecord> units;
  private transient @Nullable ValueState<byte[]> received;
  private transient @Nullable ValueState<Integer> listed;
  private transient @Nullable ValueState<Long> listedBytes;
  private transient @Nullable ValueState<Integer> attempt;
  private transient @Nullable ValueState<Integer> closedAttempt;

  /**
   * A stage of the run {@code runId}.
   *
   * @param maxDifferences how many differences of a model it keeps at most
   */
  public AssembleManifest(String runId, int maxDifferences) {
    this.runId = runId;
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
        close(current, context);
      } else {
        closeEarlier(current, context);
      }
      out.collect(decided(unit));
    } else if (unit.getUnitCount() == 1) {
      if (current > 1) {
        clear();
        closeEarlier(current, context);
      }
      out.collect(merged(List.of(), unit, context));
    } else {
      gather(unit, current, context, out);
    }
  }

  private void gather(UnitRecord unit, int current, Context context, Collector<AssembledModel> out)
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
    AssembledModel model = merged(state(units).get(), unit, context);
    clear();
    closeEarlier(current, context);
    out.collect(model);
  }

  /** Has units dropped that may still be on their way, of attempts before this one. */
  private void closeEarlier(int current, Context context) throws Exception {
    if (current > 1) {
      close(current - 1, context);
    }
  }

  /** Has units dropped that may still be on their way, of this attempt and those before. */
  private void close(int closed, Context context) throws Exception {
    state(closedAttempt).update(closed);
    context
        .timerService()
        .registerProcessingTimeTimer(
            context.timerService().currentProcessingTime() + STRAGGLERS.toMillis());
  }

  /** In a frame of its own: while a stage signs the model, nothing here holds its units. */
  private AssembledModel merged(Iterable<UnitRecord> before, UnitRecord last, Context context) {
    ModelHeader header = last.getHeader();
    List<HashedFile> files;
    AssembledModel model;
    try {
      List<UnitRecord> all = new ArrayList<>(last.getUnitCount());
      before.forEach(all::add);
      all.add(last);
      files = Subtrees.merge(all);
      model = merge(all, files, maxDifferences);
    } catch (OutOfMemoryError | IllegalStateException | IllegalArgumentException e) {
      // All else can go on without this model, and a restart would come to the same.
      LOG.error("The units of {} could not be merged", Printable.of(header.getModel()), e);
      last.setVerdict(LibraryFaults.failureOf(header.getModel(), e).verdict());
      return decided(last);
    }
    if (header.getRecordsListing()) {
      for (HashedFile file : files) {
        context.output(RecordListings.LISTINGS, listing(header, file));
      }
    }
    return model;
  }

  private FileListing listing(ModelHeader header, HashedFile hashed) {
    UnitRange file = hashed.file();
    ListedRange range =
        new ListedRange(
            file.getName(),
            file.getStart(),
            file.getEnd(),
            file.getLength(),
            file.getVersion(),
            file.getModified(),
            hashed.started(),
            hashed.digest());
    return RecordListings.listing(runId, header, hashed.unit(), List.of(range));
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
   * @param files those that several units hashed
   * @param maxDifferences how many differences to keep, if their texts are not too long; the counts
   *     stay exact
   */
  static AssembledModel merge(List<UnitRecord> units, List<HashedFile> files, int maxDifferences) {
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
      model.setRequests(RequestCounts.plus(model.getRequests(), unit.getRequests()));
      DifferenceCounts found = unit.getCounts();
      if (found != null) {
        counts.setMissing(counts.getMissing() + found.getMissing());
        counts.setExtra(counts.getExtra() + found.getExtra());
        counts.setChanged(counts.getChanged() + found.getChanged());
        counts.setLinkedDirectories(counts.getLinkedDirectories() + found.getLinkedDirectories());
      }
    }
    Operation operation = model.getHeader().getOperation();
    for (HashedFile hashed : files) {
      UnitRange file = hashed.file();
      if (operation != Operation.VERIFY) {
        model
            .getDigests()
            .add(new RangeDigest(file.getName(), file.getStart(), file.getEnd(), hashed.digest()));
      }
      hashed
          .difference(operation == Operation.VERIFY)
          .ifPresent(
              difference -> {
                counts.setChanged(counts.getChanged() + 1);
                model.getDifferences().add(difference);
              });
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
    model.setRequests(unit.getHeader().getRequests());
    return model;
  }
}
