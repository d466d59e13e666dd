package dev.countersign.sink;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
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

  private static final AtomicLong LAST_MADE = new AtomicLong();

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void sink_overManyCheckpoints_commitsEachResultOnce(ResultFormat format) throws Exception {
    run(settings(format), false);

    List<Path> files = committed();
    assertHoldsEachResultOnce(files, format);
    assertThat(files).hasSizeGreaterThan(2);
  }

  @Test
  void sink_duringARun_showsResultsWithinACheckpointInterval() throws Exception {
    LAST_MADE.set(-1);
    CompletableFuture<Void> run =
        CompletableFuture.runAsync(
            () -> {
              try {
                run(settings(ResultFormat.JSONL), false);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            },
            task -> new Thread(task, "run").start());
    while (!Files.exists(folder.resolve("results")) || committed().isEmpty()) {
      assertThat(run).as("a run that shows its first results only at its end").isNotDone();
      Thread.sleep(10);
    }
    long made = LAST_MADE.get();
    run.join();

    assertThat(made).as("results made when the first ones appeared").isLessThan(RESULTS - 1);
    assertHoldsEachResultOnce(committed(), ResultFormat.JSONL);
  }

  @ParameterizedTest
  @EnumSource
  void sink_overARestart_commitsEachResultOnce(ResultFormat format) throws Exception {
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
          .map(ResultSinkITCase::result, new AvroTypeInfo<>(ModelResult.class))
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
    try (Stream<Path> files = Files.list(folder.resolve("results"))) {
      return files.filter(file -> !file.getFileName().toString().startsWith(".")).toList();
    }
  }

  /** Takes its time, so that there are checkpoints in between. */
  private static ModelResult result(long entryId) throws InterruptedException {
    Thread.sleep(10);
    if (entryId > RESULTS / 2 && FAILURES.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IllegalStateException("injected by a test");
    }
    LAST_MADE.set(entryId);
    return made(entryId);
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
