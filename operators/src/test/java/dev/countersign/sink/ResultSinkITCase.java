package dev.countersign.sink;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.records.ResultFormat;
import dev.countersign.records.ResultReader;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
final class ResultSinkITCase {

  private static final long RESULTS = 300;

  /** How often a result beyond the first half is still to fail. */
  private static final AtomicInteger FAILURES = new AtomicInteger();

  /**
   * What there is when a checkpoint is taken.
   *
   * @param made how many results were passed on to the sink
   * @param visible how many are in committed files
   */
  private record Snapshot(long made, long visible) {}

  /** One for each checkpoint, as they were taken. */
  private static final List<Snapshot> SNAPSHOTS = new CopyOnWriteArrayList<>();

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void sink_overManyCheckpoints_commitsEachResultOnce(ResultFormat format) throws Exception {
    SNAPSHOTS.clear();

    run(settings(format), false);

    List<Path> files = committed();
    assertHoldsEachResultOnce(files, format);
    assertThat(files).hasSizeGreaterThan(2);
  }

  /** A checkpoint begins when the one before has completed, and what that one holds is visible. */
  @Test
  void sink_duringARun_showsTheResultsOfEachCheckpointBeforeTheOneAfterTheNext() throws Exception {
    SNAPSHOTS.clear();

    run(settings(ResultFormat.JSONL), false);

    assertThat(SNAPSHOTS).hasSizeGreaterThan(4);
    for (int i = 2; i < SNAPSHOTS.size(); i++) {
      assertThat(SNAPSHOTS.get(i).visible())
          .as("results visible at checkpoint %d of %s", i, SNAPSHOTS)
          .isGreaterThanOrEqualTo(SNAPSHOTS.get(i - 2).made());
    }
    assertHoldsEachResultOnce(committed(), ResultFormat.JSONL);
  }

  @ParameterizedTest
  @EnumSource
  void sink_overARestart_commitsEachResultOnce(ResultFormat format) throws Exception {
    SNAPSHOTS.clear();
    FAILURES.set(1);

    run(settings(format), true);

    assertThat(FAILURES).as("failures that are still to come").hasValue(0);
    assertHoldsEachResultOnce(committed(), format);
  }

  private ResultSettings settings(ResultFormat format) {
    return new ResultSettings(folder.resolve("results").toUri().toString(), format);
  }

  private static void assertHoldsEachResultOnce(List<Path> files, ResultFormat format)
      throws IOException {
    List<ModelResult> results = new ArrayList<>();
    for (Path file : files) {
      try (ResultReader reader = format.open(new org.apache.flink.core.fs.Path(file.toUri()))) {
        for (ModelResult result = reader.next(); result != null; result = reader.next()) {
          results.add(result);
        }
      }
    }
    assertThat(results)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.range(0, RESULTS).mapToObj(ResultSinkITCase::made).toList());
    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .allMatch(
            name -> name.startsWith(ResultSink.PREFIX + "run-") && name.endsWith(format.suffix()));
  }

  private void run(ResultSettings settings, boolean restarts) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("pipeline.generic-types", "false");
    configuration.setString("restart-strategy.type", restarts ? "fixed-delay" : "none");
    configuration.setString("restart-strategy.fixed-delay.delay", "10 ms");
    configuration.setString("rest.port", "0");
    try (StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration)) {
      env.setParallelism(1);
      env.enableCheckpointing(200);
      env.fromSource(
              new NumberSequenceSource(0, RESULTS - 1),
              WatermarkStrategy.noWatermarks(),
              "numbers",
              Types.LONG)
          .map(new Results(folder.resolve("results").toString()))
          .returns(new AvroTypeInfo<>(ModelResult.class))
          .sinkTo(ResultSink.of(settings, "run"))
          .uid("results");
      try (MiniCluster cluster =
          new MiniCluster(
              new MiniClusterConfiguration.Builder()
                  .setConfiguration(configuration)
                  .setNumTaskManagers(1)
                  .setNumSlotsPerTaskManager(1)
                  .build())) {
        cluster.start();
        cluster.executeJobBlocking(env.getStreamGraph().getJobGraph());
      }
    }
  }

  private List<Path> committed() throws IOException {
    return committed(folder.resolve("results"));
  }

  private static List<Path> committed(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> !file.getFileName().toString().startsWith(".")).toList();
    }
  }

  /** Takes its time, so that there are checkpoints in between. */
  private static final class Results
      implements MapFunction<Long, ModelResult>, CheckpointedFunction {

    private static final long serialVersionUID = 1L;

    private final String folder;
    private long made;

    Results(String folder) {
      this.folder = folder;
    }

    @Override
    public ModelResult map(Long entryId) throws InterruptedException {
      // A checkpoint takes long on a busy machine: there are to be six before the last result.
      Thread.sleep(SNAPSHOTS.size() < entryId / 50 + 1 ? 200 : 10);
      if (entryId > RESULTS / 2 && FAILURES.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new IllegalStateException("injected by a test");
      }
      made++;
      return made(entryId);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws IOException {
      long visible = 0;
      if (Files.exists(Path.of(folder))) {
        for (Path file : committed(Path.of(folder))) {
          visible += lines(file);
        }
      }
      SNAPSHOTS.add(new Snapshot(made, visible));
    }

    /** How many results a file of JSON Lines holds; of other formats nobody asks. */
    private static long lines(Path file) throws IOException {
      try (Stream<String> lines = Files.lines(file, ISO_8859_1)) {
        return lines.count();
      }
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}
  }

  private static ModelResult made(long entryId) {
    return ModelResult.newBuilder()
        .setEntryId(entryId)
        .setModel("/models/" + entryId)
        .setOutcome(Outcome.SIGNED)
        .setStarted(Instant.ofEpochMilli(1_000))
        .setFinished(Instant.ofEpochMilli(2_000))
        .build();
  }
}
