package dev.countersign.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class ResultSinkITCase {

  private static final long RESULTS = 300;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sink_overManyCheckpoints_commitsEachResultOnce(boolean compact) throws Exception {
    run(new ResultSettings(folder.resolve("results").toUri().toString(), compact));

    List<Path> files = committed();
    List<Long> entries = new ArrayList<>();
    for (Path file : files) {
      try (DataFileReader<ModelResult> reader =
          new DataFileReader<>(file.toFile(), new SpecificDatumReader<>(ModelResult.class))) {
        for (ModelResult result : reader) {
          assertThat(result.getStarted()).isEqualTo(Instant.ofEpochMilli(1_000));
          assertThat(result.getOutcome()).isEqualTo(Outcome.SIGNED);
          entries.add(result.getEntryId());
        }
      }
    }
    assertThat(entries)
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, RESULTS).boxed().toList());
    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .allMatch(name -> name.contains(ResultSink.PREFIX + "run") && name.endsWith(".avro"));
    if (compact) {
      assertThat(files).hasSizeLessThanOrEqualTo(2);
    } else {
      assertThat(files).hasSizeGreaterThan(2);
    }
  }

  private void run(ResultSettings settings) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("pipeline.generic-types", "false");
    configuration.setString("restart-strategy.type", "none");
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
    return ModelResult.newBuilder()
        .setEntryId(entryId)
        .setModel("/models/" + entryId)
        .setOutcome(Outcome.SIGNED)
        .setStarted(Instant.ofEpochMilli(1_000))
        .setFinished(Instant.ofEpochMilli(2_000))
        .build();
  }
}
