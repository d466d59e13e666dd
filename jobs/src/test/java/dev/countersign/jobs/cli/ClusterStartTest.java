package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.cluster.ClusterEngine;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the program checks before it gives a run to a cluster; nothing of it needs one. */
final class ClusterStartTest {

  /** An environment as {@code flink run} makes it, of a cluster that does not exist. */
  private static final class ClusterEnvironment extends StreamExecutionEnvironment {

    private ClusterEnvironment(Configuration configuration) {
      super(configuration);
    }

    static void use(Map<String, String> settings) {
      Configuration configuration = Configuration.fromMap(settings);
      configuration.setString("execution.target", "nowhere");
      configuration.setString("execution.attached", "true");
      initializeContextEnvironment(given -> new ClusterEnvironment(configuration));
    }

    static void forget() {
      resetContextEnvironment();
    }
  }

  /** What a client says that passed all checks and found no cluster. */
  private static final String SUBMITTED = "countersign: the run broke";

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void makeModel() throws IOException {
    program = new ProgramRuns(folder);
    program.cluster = ClusterEngine::ofThisProcess;
    program.file("m/weights", "weights");
  }

  @AfterEach
  void forgetCluster() {
    ClusterEnvironment.forget();
  }

  @Test
  void run_withoutAFolderForCheckpoints_isRefused() {
    ClusterEnvironment.use(Map.of());

    Ended without = program.run("digest", "m");
    Ended with = program.run("digest", "--checkpoint-dir", "checkpoints", "m");
    ClusterEnvironment.use(Map.of("execution.checkpointing.dir", "file:///tmp/c"));
    Ended withTheClusters = program.run("digest", "m");

    assertThat(without.code()).isEqualTo(ExitCode.USAGE);
    assertThat(without.err())
        .isEqualTo(
            "countersign: There is no folder for checkpoints, and the job manager's memory is too"
                + " small for them. Name one with --checkpoint-dir that the job manager and all"
                + " task managers reach, or set execution.checkpointing.dir in Flink's"
                + " configuration.\n");
    assertThat(with.err()).startsWith(SUBMITTED);
    assertThat(withTheClusters.err()).startsWith(SUBMITTED);
    assertThat(folder.resolve("checkpoints")).as("a disk of other machines").doesNotExist();
  }

  @Test
  void run_withResultsThatCannotBeCommitted_isRefused() {
    ClusterEnvironment.use(Map.of("execution.checkpointing.dir", "file:///tmp/c"));

    Ended ended = program.run("digest", "--results", "webhdfs://127.0.0.1:1/r", "m");

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err())
        .startsWith(
            "countersign: --results webhdfs://127.0.0.1:1/r is on a file system that results cannot"
                + " be committed to: ")
        .endsWith("Name a local folder, or one on HDFS or S3.\n");
  }

  @Test
  void run_restoredUnderAnotherCommand_isRefused() throws IOException {
    ClusterEnvironment.use(
        Map.of(
            "execution.checkpointing.dir",
            "file:///tmp/c",
            "execution.state-recovery.path",
            recordedCheckpoint().toUri().toString()));

    Ended ended = program.run("digest", "--hash-algorithm", "blake3", "--run-id", "r-1", "m");

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err())
        .startsWith(
            "countersign: The checkpoint that flink run -s names is of another command. It differs"
                + " in --hash-algorithm (was not given, now 'blake3'), --results (was ")
        .contains("the models (was '61, sha256:")
        .endsWith("Run that command again, or leave -s out.\n");
  }

  @Test
  void run_restoredFromWhatCannotBeReadHere_isLeftToTheJobManager() {
    ClusterEnvironment.use(
        Map.of(
            "execution.checkpointing.dir",
            "file:///tmp/c",
            "execution.state-recovery.path",
            folder.resolve("absent").toUri().toString()));

    assertThat(program.run("digest", "--run-id", "r-1", "m").err()).startsWith(SUBMITTED);
  }

  @Test
  void configure_whateverTheClustersDefaultsAre_keepsResultsExact() {
    ClusterEnvironment.use(
        Map.of(
            "execution.runtime-mode", "BATCH",
            "execution.checkpointing.mode", "AT_LEAST_ONCE",
            "execution.checkpointing.checkpoints-after-tasks-finish", "false",
            "execution.checkpointing.storage", "jobmanager"));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();

    ClusterEngine.of(env)
        .configure(OptionalInt.empty(), Duration.ofSeconds(1), "file:///tmp/checkpoints");

    assertThat(env.getConfiguration().get(ExecutionOptions.RUNTIME_MODE))
        .isEqualTo(RuntimeExecutionMode.STREAMING);
    assertThat(env.getCheckpointConfig().getCheckpointingConsistencyMode())
        .isEqualTo(CheckpointingMode.EXACTLY_ONCE);
    assertThat(
            env.getConfiguration().get(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH))
        .isTrue();
    assertThat(env.getConfiguration().get(CheckpointingOptions.CHECKPOINT_STORAGE))
        .isEqualTo("filesystem");
  }

  @Test
  void configure_whereNobodySaysHowToRestart_endsWhatFailsRightAfterEachRestart() {
    assertThat(restarts(Map.of()))
        .containsEntry("restart-strategy.type", "exponential-delay")
        .containsEntry("restart-strategy.exponential-delay.attempts-before-reset-backoff", "15")
        .containsEntry("restart-strategy.exponential-delay.reset-backoff-threshold", "1 min");
    assertThat(restarts(Map.of("restart-strategy.type", "failure-rate")))
        .containsOnly(Map.entry("restart-strategy.type", "failure-rate"));
  }

  private static Map<String, String> restarts(Map<String, String> settings) {
    ClusterEnvironment.use(settings);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    ClusterEngine.of(env)
        .configure(OptionalInt.empty(), Duration.ofSeconds(1), "file:///tmp/checkpoints");
    Map<String, String> restarts = new TreeMap<>(((Configuration) env.getConfiguration()).toMap());
    restarts.keySet().removeIf(key -> !key.startsWith("restart-strategy"));
    return restarts;
  }

  private static Path recordedCheckpoint() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/resources/state/v1").toAbsolutePath())) {
      return files.filter(file -> file.endsWith("_metadata")).sorted().findFirst().orElseThrow();
    }
  }
}
