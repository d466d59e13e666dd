package dev.countersign.jobs.pipeline;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.sink.ResultSink;
import dev.countersign.sink.RunRecord;
import dev.countersign.source.ModelSource;
import dev.countersign.stage.AssembleManifest;
import dev.countersign.stage.AssembledModelType;
import dev.countersign.stage.ModelStage;
import dev.countersign.stage.RecordListings;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The graph of every run, whatever its operation and wherever it runs:
 *
 * <pre>
 * models ─┬─ by entry ── assemble ── sign | verify | digest ──┬── results
 *         └─ listings, if they are recorded                   └── run record
 * </pre>
 */
public final class CatalogPipeline {

  /** Stage of the graph. The state in a checkpoint is found by its uid, which never changes. */
  public enum Stage {
    /** The source: plans and hashes. */
    MODELS("models", "Read models"),

    /** Merges a model's units. */
    ASSEMBLE("assemble", "Assemble manifests"),

    /** Signs, verifies or digests; named after that. */
    DECIDE("decide", " models"),

    /** Commits results. */
    RESULTS("results", "Results"),

    /** Closes the run. */
    RUN_RECORD("run-record", "Run record"),

    /** Puts aside what was hashed. */
    RECORD_LISTINGS("record-listings", "Record listings"),

    /** Commits listings. */
    LISTINGS("listings", "Listings");

    private final String uid;
    private final String title;

    Stage(String uid, String title) {
      this.uid = uid;
      this.title = title;
    }

    /** Returns what identifies its state. */
    public String uid() {
      return uid;
    }

    /** Returns what Flink's web UI, logs and metrics call it. */
    public String title() {
      return title;
    }

    private static String titleOf(Operation operation) {
      String name = operation.name();
      return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT) + DECIDE.title;
    }
  }

  /**
   * The most subtasks that a stage can have, now or after a savepoint. Without it Flink derives a
   * limit from the parallelism at the first start, often 128, which a savepoint keeps.
   */
  static final int MAX_PARALLELISM = 1_024;

  /**
   * The most subtasks of the stages after the source. Each has a channel from each reader, which
   * costs memory on both sides, and 64 of them keep two thousand models in progress.
   */
  static final int MAX_LATER_PARALLELISM = 64;

  private CatalogPipeline() {}

  /**
   * Adds the graph of {@code plan} to {@code env}; the caller executes it.
   *
   * <p>What closes a run or commits its files has one subtask whatever the scheduler does: reactive
   * mode raises each stage to its maximum parallelism, and a stage that is chained to the one
   * before takes that one's.
   */
  public static void build(StreamExecutionEnvironment env, RunPlan plan) {
    if (env.getMaxParallelism() <= 0) {
      env.setMaxParallelism(Math.max(MAX_PARALLELISM, env.getParallelism()));
    }
    DataStream<UnitRecord> units =
        env.fromSource(
                new ModelSource(plan.entries(), plan.run()),
                WatermarkStrategy.noWatermarks(),
                Stage.MODELS.title(),
                new AvroTypeInfo<>(UnitRecord.class))
            .uid(Stage.MODELS.uid());
    int later = laterParallelism(env.getParallelism());
    SingleOutputStreamOperator<AssembledModel> models =
        (plan.plan().incremental().recordsListings() ? recordListings(units, plan) : units)
            .keyBy(unit -> unit.getHeader().getEntryId(), Types.LONG)
            .process(
                new AssembleManifest(plan.plan().limits().recordedDifferences()),
                new AssembledModelType())
            .name(Stage.ASSEMBLE.title())
            .uid(Stage.ASSEMBLE.uid())
            .setParallelism(later)
            .setMaxParallelism(laterParallelism(env.getMaxParallelism()));
    SingleOutputStreamOperator<ModelResult> results =
        decide(models, plan)
            .returns(new AvroTypeInfo<>(ModelResult.class))
            .name(Stage.titleOf(plan.plan().operation()))
            .uid(Stage.DECIDE.uid())
            .setParallelism(later)
            .setMaxParallelism(laterParallelism(env.getMaxParallelism()));
    results
        .global()
        .sinkTo(ResultSink.of(plan.results(), plan.runId()))
        .name(Stage.RESULTS.title())
        .uid(Stage.RESULTS.uid())
        .setParallelism(1)
        .setMaxParallelism(1);
    // Whoever counts for the record counts failures, too, and tells a watch of them.
    if (!plan.runRecord().isEmpty() || !plan.run().faults().limit().isNone() || plan.isWatch()) {
      results
          .global()
          .transform(Stage.RUN_RECORD.title(), Types.VOID, new RunRecord(recordSettings(plan)))
          .uid(Stage.RUN_RECORD.uid())
          .setParallelism(1)
          .setMaxParallelism(1);
    }
  }

  /** Returns how many subtasks the stages after the source have, if that has {@code readers}. */
  public static int laterParallelism(int readers) {
    return Math.min(readers, MAX_LATER_PARALLELISM);
  }

  private static DataStream<UnitRecord> recordListings(DataStream<UnitRecord> units, RunPlan plan) {
    SingleOutputStreamOperator<UnitRecord> without =
        units
            .process(new RecordListings(plan.runId()), new AvroTypeInfo<>(UnitRecord.class))
            .name(Stage.RECORD_LISTINGS.title())
            .uid(Stage.RECORD_LISTINGS.uid());
    without
        .getSideOutput(RecordListings.LISTINGS)
        .global()
        .sinkTo(ResultSink.ofListings(plan.results().folder(), plan.runId()))
        .name(Stage.LISTINGS.title())
        .uid(Stage.LISTINGS.uid())
        .setParallelism(1)
        .setMaxParallelism(1);
    return without;
  }

  /** Without a time-out, which would fail the job: the stage itself bounds all waits. */
  private static SingleOutputStreamOperator<ModelResult> decide(
      DataStream<AssembledModel> models, RunPlan plan) {
    return AsyncDataStream.unorderedWait(
        models,
        new ModelStage(
            plan.runId(),
            plan.plan().operation(),
            plan.signing(),
            plan.run().faults(),
            plan.run().read().stallTimeout()),
        0,
        TimeUnit.MILLISECONDS,
        ModelStage.IN_PROGRESS);
  }

  private static RunRecord.Settings recordSettings(RunPlan plan) {
    return new RunRecord.Settings(
        plan.runRecord(),
        plan.runId(),
        plan.started(),
        plan.plan().operation().name().toLowerCase(Locale.ROOT),
        plan.version(),
        plan.recordedOptions(),
        plan.entries().size(),
        plan.run().faults().limit(),
        plan.isWatch());
  }
}
