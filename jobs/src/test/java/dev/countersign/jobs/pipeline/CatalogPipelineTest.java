package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.pipeline.ModelStreams;
import dev.countersign.pipeline.Stage;
import dev.countersign.schemas.Operation;
import dev.countersign.source.planning.PlanSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CatalogPipelineTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100})
  void build_withAnyParallelism_letsAllButTheSinksBeRescaled(int parallelism) throws Exception {
    Map<String, Integer> most =
        of(
            StreamExecutionEnvironment.createLocalEnvironment(parallelism),
            JobVertex::getMaxParallelism);

    assertThat(most)
        .hasSizeGreaterThanOrEqualTo(5)
        .allSatisfy(
            (stage, max) ->
                assertThat(max)
                    .as(stage)
                    .isEqualTo(
                        isOneFile(stage)
                            ? 1
                            : isLater(stage)
                                ? ModelStreams.MAX_LATER_PARALLELISM
                                : CatalogPipeline.MAX_PARALLELISM));
  }

  @Test
  void build_whereTheClusterSetsAMaximum_keepsIt() throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
    env.setMaxParallelism(4_096);
    StreamExecutionEnvironment small = StreamExecutionEnvironment.createLocalEnvironment(2);
    small.setMaxParallelism(4);

    assertThat(of(env, JobVertex::getMaxParallelism).values()).containsOnly(1, 64, 4_096);
    assertThat(of(small, JobVertex::getMaxParallelism).values()).containsOnly(1, 4);
  }

  @Test
  void build_for800Slots_readsInAllAndDecidesIn64() throws Exception {
    Map<String, Integer> parallelism =
        of(StreamExecutionEnvironment.createLocalEnvironment(800), JobVertex::getParallelism);

    assertThat(parallelism)
        .hasSizeGreaterThanOrEqualTo(5)
        .allSatisfy(
            (stage, subtasks) ->
                assertThat(subtasks)
                    .as(stage)
                    .isEqualTo(isOneFile(stage) ? 1 : isLater(stage) ? 64 : 800));
  }

  private static boolean isOneFile(String stage) {
    return stage.contains(Stage.RUN_RECORD.title())
        || stage.contains(Stage.RESULTS.title())
        || stage.startsWith(Stage.LISTINGS.title());
  }

  private static boolean isLater(String stage) {
    return stage.startsWith(Stage.ASSEMBLE.title());
  }

  private Map<String, Integer> of(StreamExecutionEnvironment env, ToIntFunction<JobVertex> property)
      throws Exception {
    TestRuns runs = new TestRuns(folder);
    runs.incremental = new PlanSettings.Incremental(List.of(), true);
    Path model = folder.resolve("model");
    env.enableCheckpointing(1_000);
    CatalogPipeline.build(
        env, runs.plan(Operation.SIGN, runs.entries(model), folder.toUri().toString()));
    Map<String, Integer> stages = new TreeMap<>();
    for (JobVertex vertex : env.getStreamGraph().getJobGraph().getVertices()) {
      stages.put(vertex.getName(), property.applyAsInt(vertex));
    }
    return stages;
  }
}
