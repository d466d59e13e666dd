package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.Operation;
import dev.countersign.source.planning.PlanSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
        maxParallelism(StreamExecutionEnvironment.createLocalEnvironment(parallelism));

    assertThat(most)
        .hasSizeGreaterThanOrEqualTo(5)
        .allSatisfy(
            (stage, max) ->
                assertThat(max)
                    .as(stage)
                    .isEqualTo(
                        stage.contains(CatalogPipeline.Stage.RUN_RECORD.title())
                                || stage.contains(CatalogPipeline.Stage.RESULTS.title())
                                || stage.startsWith(CatalogPipeline.Stage.LISTINGS.title())
                            ? 1
                            : CatalogPipeline.MAX_PARALLELISM));
  }

  @Test
  void build_whereTheClusterSetsAMaximum_keepsIt() throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
    env.setMaxParallelism(4_096);

    assertThat(maxParallelism(env).values()).containsOnly(1, 4_096);
  }

  private Map<String, Integer> maxParallelism(StreamExecutionEnvironment env) throws Exception {
    TestRuns runs = new TestRuns(folder);
    runs.incremental = new PlanSettings.Incremental(List.of(), true);
    Path model = folder.resolve("model");
    env.enableCheckpointing(1_000);
    CatalogPipeline.build(
        env, runs.plan(Operation.SIGN, runs.entries(model), folder.toUri().toString()));
    Map<String, Integer> most = new TreeMap<>();
    for (JobVertex vertex : env.getStreamGraph().getJobGraph().getVertices()) {
      most.put(vertex.getName(), vertex.getMaxParallelism());
    }
    return most;
  }
}
