package dev.countersign.jobs.pipeline;

import dev.countersign.pipeline.ModelStreams;
import dev.countersign.pipeline.Stage;
import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ModelResult;
import dev.countersign.sink.ResultSink;
import dev.countersign.sink.RunRecord;
import java.util.Locale;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The graph of every run, whatever its operation and wherever it runs:
 *
 * <pre>
 * {@link ModelStreams} ─┬── results
 *                       ├── run record
 *                       └── listings, if they are recorded
 * </pre>
 */
public final class CatalogPipeline {

  /**
   * The most subtasks that a stage can have, now or after a savepoint. Without it Flink derives a
   * limit from the parallelism at the first start, often 128, which a savepoint keeps.
   */
  static final int MAX_PARALLELISM = 1_024;

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
    ModelStreams streams = ModelStreams.of(env, "", plan.entries(), plan.run(), plan.signing());
    streams.listings().ifPresent(listings -> commitListings(listings, plan));
    DataStream<ModelResult> results = streams.results();
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

  private static void commitListings(DataStream<FileListing> listings, RunPlan plan) {
    listings
        .global()
        .sinkTo(ResultSink.ofListings(plan.results().folder(), plan.runId()))
        .name(Stage.LISTINGS.title())
        .uid(Stage.LISTINGS.uid())
        .setParallelism(1)
        .setMaxParallelism(1);
  }

  private static RunRecord.Settings recordSettings(RunPlan plan) {
    return new RunRecord.Settings(
        plan.runRecord(),
        plan.runId(),
        plan.started(),
        plan.plan().operation().name().toLowerCase(Locale.ROOT),
        plan.version(),
        plan.recordedOptions(),
        plan.sigstore().stream()
            .map(file -> new RunRecord.UsedFile(file.source(), file.sha256()))
            .toList(),
        plan.entries().size(),
        plan.run().faults().limit(),
        plan.isWatch(),
        plan.run().read().kernels());
  }
}
