package dev.countersign.pipeline;

import dev.countersign.catalog.CatalogSource;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.source.ModelSource;
import dev.countersign.source.RunSettings;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.stage.AssembleManifest;
import dev.countersign.stage.AssembledModelType;
import dev.countersign.stage.ModelStage;
import dev.countersign.stage.RecordListings;
import dev.countersign.stage.SignSettings;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * The streams that come out of the stages of a run, whatever its operation:
 *
 * <pre>
 * models ─┬─ by entry ── assemble ─┬─ sign | verify | digest ── results
 *         └────────────────────────┴─ listings, if they are recorded
 * </pre>
 *
 * @param results one result for each model
 * @param listings what was hashed, for later runs; empty if it is not recorded
 */
public record ModelStreams(
    DataStream<ModelResult> results, Optional<DataStream<FileListing>> listings) {

  /**
   * The most subtasks of the stages after the source. Each has a channel from each reader, which
   * costs memory on both sides, and 64 of them keep two thousand models in progress.
   */
  public static final int MAX_LATER_PARALLELISM = 64;

  /**
   * Adds the stages to {@code env}; the caller executes it.
   *
   * @param name what distinguishes the stages from those of other such streams in the job, if it
   *     has several; empty for none
   * @param entries what to work on
   * @param run how models are worked on
   * @param signing how models are signed; present exactly if the operation is SIGN or RESIGN
   */
  public static ModelStreams of(
      StreamExecutionEnvironment env,
      String name,
      CatalogSource entries,
      RunSettings run,
      @Nullable SignSettings signing) {
    PlanSettings plan = run.plan();
    String checkpoints =
        env.getConfiguration()
            .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
            .orElse("")
            .strip();
    SingleOutputStreamOperator<UnitRecord> units =
        env.fromSource(
                new ModelSource(
                    entries, run, checkpoints, !(env instanceof LocalStreamEnvironment)),
                WatermarkStrategy.noWatermarks(),
                Stage.MODELS.title(name),
                new AvroTypeInfo<>(UnitRecord.class))
            .uid(Stage.MODELS.uid(name));
    if (plan.incremental().recordsListings()) {
      units =
          units
              .process(new RecordListings(plan.runId()), new AvroTypeInfo<>(UnitRecord.class))
              .name(Stage.RECORD_LISTINGS.title(name))
              .uid(Stage.RECORD_LISTINGS.uid(name));
    }
    int later = laterParallelism(env.getParallelism());
    int most =
        env.getMaxParallelism() > 0
            ? laterParallelism(env.getMaxParallelism())
            : MAX_LATER_PARALLELISM;
    SingleOutputStreamOperator<AssembledModel> models =
        units
            .keyBy(unit -> unit.getHeader().getEntryId(), Types.LONG)
            .process(
                new AssembleManifest(plan.runId(), plan.limits().recordedDifferences()),
                new AssembledModelType())
            .name(Stage.ASSEMBLE.title(name))
            .uid(Stage.ASSEMBLE.uid(name))
            .setParallelism(later)
            .setMaxParallelism(most);
    Optional<DataStream<FileListing>> listings =
        plan.incremental().recordsListings()
            ? Optional.of(
                units
                    .getSideOutput(RecordListings.LISTINGS)
                    .union(models.getSideOutput(RecordListings.LISTINGS)))
            : Optional.empty();
    ModelStage deciding =
        new ModelStage(
            plan.runId(), plan.operation(), signing, run.faults(), run.read().stallTimeout());
    // Not more subtasks than signatures in progress, so that each has a share of them.
    int deciders = signing == null ? later : Math.min(later, signing.concurrency().orElse(later));
    // Without a time-out, which would fail the job: the stage itself bounds all waits.
    DataStream<ModelResult> results =
        AsyncDataStream.unorderedWait(
                models,
                deciding,
                0,
                TimeUnit.MILLISECONDS,
                ModelStage.inProgress(signing, deciders))
            .returns(new AvroTypeInfo<>(ModelResult.class))
            .name(Stage.titleOf(plan.operation(), name))
            .uid(Stage.DECIDE.uid(name))
            .setParallelism(deciders)
            .setMaxParallelism(most);
    return new ModelStreams(results, listings);
  }

  /** Returns how many subtasks the stages after the source have, if that has {@code readers}. */
  public static int laterParallelism(int readers) {
    return Math.min(readers, MAX_LATER_PARALLELISM);
  }
}
