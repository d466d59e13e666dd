package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.jobs.cluster.ClusterEngine;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.pipeline.Stage;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.units.WindowSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.curator.test.TestingServer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Restarts between processes while one large file is read: none of them may lose a result, give a
 * second one or charge the file with a crash. One round of each kind, unless the system property
 * {@code rounds} is {@code all}: then as many as would make a charged file fail.
 */
@Timeout(900)
final class RestartsITCase {

  private static final int ROUNDS = "all".equals(System.getProperty("rounds")) ? 4 : 1;

  private static final int SMALL = 8;

  /** The large file takes 20 s. */
  private static final int PIECES = 400;

  private static final String LARGE = "large.slow";

  @TempDir static Path shared;

  private static RealCluster cluster;
  private static Path opened;

  @TempDir Path folder;

  private final Path[] models = new Path[SMALL + 1];
  private TestRuns runs;

  @BeforeAll
  static void startCluster() throws Exception {
    opened = Files.createDirectory(shared.resolve("opened"));
    cluster = RealCluster.start("restarts", shared);
    startWorker(cluster);
    startWorker(cluster);
    cluster.awaitWorkers(2);
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  @BeforeEach
  void prepare() throws IOException {
    runs = new TestRuns(folder);
    runs.runner = cluster;
    runs.window = new WindowSettings(20, 1 << 20, 2, 1, 4_096, 1 << 20);
    runs.slots = 4;
    runs.configuration.setString("execution.checkpointing.interval", "1s");
    runs.configuration.setString("restart-strategy.type", "exponential-delay");
    runs.configuration.setString("restart-strategy.exponential-delay.initial-backoff", "200ms");
    runs.configuration.setString("restart-strategy.exponential-delay.max-backoff", "2s");
    Random random = new Random(7);
    for (int i = 0; i <= SMALL; i++) {
      models[i] = Files.createDirectories(folder.resolve("models/model-" + i));
      byte[] content = new byte[FaultyFileSystem.PIECE * (i == SMALL ? PIECES : 10 * i + 1)];
      random.nextBytes(content);
      Files.write(models[i].resolve(i == SMALL ? LARGE : "small.slow"), content);
    }
    Files.deleteIfExists(opened.resolve(LARGE));
  }

  @Test
  void sign_whoseTaskManagerIsEvictedWhileItReads_chargesNothing() throws Exception {
    CompletableFuture<List<ModelResult>> run = start();

    for (int round = 0; round < ROUNDS; round++) {
      long reader = awaitOpened();
      worker(cluster, worker -> worker.process().pid() == reader).terminate();
      startWorker(cluster);
    }

    assertWhole(run.join());
  }

  @Test
  void sign_whileAnotherTaskManagerIsKilled_chargesTheLargeFileWithNothing() throws Exception {
    CompletableFuture<List<ModelResult>> run = start();

    for (int round = 0; round < ROUNDS; round++) {
      long reader = awaitOpened();
      worker(cluster, worker -> worker.process().pid() != reader).kill();
      startWorker(cluster);
    }

    assertWhole(run.join());
  }

  @Test
  void sign_acrossSavepointsAndRescaling_givesEachModelOneResult() throws Exception {
    int[] slots = ROUNDS == 1 ? new int[] {2, 4} : new int[] {2, 4, 2, 2, 4};
    runs.slots = slots[0];
    CompletableFuture<List<ModelResult>> run = start();
    for (int round = 1; round < slots.length; round++) {
      long unused = awaitOpened();
      Path savepoint = cluster.stopWithSavepoint(folder.resolve("savepoints"));
      run.join();
      runs.slots = slots[round];
      run = async(() -> runs.resumeFrom(savepoint, Operation.SIGN, entries()));
    }

    assertWhole(run.join());
  }

  @Test
  void restore_underAnotherCommandOrGlob_isRefusedBeforeAnyWork() throws Exception {
    Path results = folder.resolve("signed");
    RealCluster.Ended begun = cluster.flinkRun(List.of("-d"), signKey(results));
    assertThat(begun.code()).as(begun.said()).isZero();
    cluster.awaitJob();
    long unused = awaitOpened();
    Path savepoint = cluster.stopWithSavepoint(folder.resolve("savepoints"));
    List<ModelResult> before = TestRuns.read(results);
    Path more = Files.createDirectories(folder.resolve("models/model-1a"));
    Files.writeString(more.resolve("small"), "one that the glob did not match before");
    List<String> goOn = new ArrayList<>(signKey(results));
    goOn.addAll(List.of("--run-id", runId(begun.said())));
    List<String> another = new ArrayList<>(goOn);
    another.addAll(List.of("--hash-algorithm", "blake2b"));
    List<String> from = List.of("-s", savepoint.toUri().toString());

    RealCluster.Ended otherGlob = cluster.flinkRun(from, goOn);
    Files.move(more, folder.resolve("model-1a"));
    RealCluster.Ended otherCommand = cluster.flinkRun(from, another);

    assertThat(otherGlob.code()).as(otherGlob.said()).isEqualTo(ExitCode.USAGE);
    assertThat(otherGlob.said()).contains("It differs in the models (was '9, sha256:");
    assertThat(otherCommand.code()).as(otherCommand.said()).isEqualTo(ExitCode.USAGE);
    assertThat(otherCommand.said())
        .contains("It differs in --hash-algorithm (was not given, now 'blake2b'). Run that");
    // A job manager refuses them, too, if the client cannot read the checkpoint.
    assertThatThrownBy(() -> runs.resumeFrom(savepoint, Operation.SIGN, entries()))
        .rootCause()
        .hasMessageContaining("another command");
    runs.command = command(savepoint);
    assertThatThrownBy(() -> runs.resumeFrom(savepoint, Operation.SIGN, entries()))
        .rootCause()
        .hasMessageContaining("a run over other models");
    assertThat(TestRuns.read(results)).isEqualTo(before);
    assertThat(runs.results()).doesNotExist();
    assertThat(folder.resolve("model-1a/model.sig")).doesNotExist();
    assertThat(models[SMALL].resolve("model.sig")).doesNotExist();

    RealCluster.Ended ended = cluster.flinkRun(from, goOn);
    assertThat(ended.code()).as(ended.said()).isZero();
    assertSignedOnce(results);
  }

  @Test
  void sign_inReactiveMode_growsSurvivesEvictionsAndEnds() throws Exception {
    Path results = folder.resolve("signed");
    Map<String, String> settings = new HashMap<>(runs.configuration.toMap());
    settings.put("scheduler-mode", "reactive");
    settings.put("jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout", "3s");
    settings.put("jobmanager.adaptive-scheduler.executing.resource-stabilization-timeout", "1s");
    settings.put("jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling", "1s");
    settings.put("jobmanager.adaptive-scheduler.rescale-trigger.max-delay", "1s");
    settings.put("execution.checkpointing.dir", folder.resolve("checkpoints").toUri().toString());
    settings.put("taskmanager.numberOfTaskSlots", "1");
    Path own = Files.createDirectories(folder.resolve("reactive"));
    Path held = Files.createFile(opened.resolve(LARGE + FaultyFileSystem.HELD));
    try (RealCluster reactive =
        RealCluster.startApplication("reactive", own, settings, signKey(results))) {
      startWorker(reactive);
      startWorker(reactive);
      reactive.awaitJob();
      reactive.awaitSubtasks(Stage.MODELS.title(), 2);
      startWorker(reactive);
      startWorker(reactive);
      reactive.awaitSubtasks(Stage.MODELS.title(), 4);
      reactive.awaitSubtasks(Stage.RESULTS.title(), 1);
      reactive.awaitSubtasks(Stage.RUN_RECORD.title(), 1);
      for (int round = 1; round < ROUNDS; round++) {
        Files.deleteIfExists(opened.resolve(LARGE));
        startWorker(reactive);
        reactive.awaitSubtasks(Stage.MODELS.title(), 5);
        long reader = awaitOpened();
        worker(reactive, worker -> worker.process().pid() == reader).terminate();
        reactive.awaitSubtasks(Stage.MODELS.title(), 4);
      }

      Files.delete(held);
      assertThat(reactive.awaitApplication()).isZero();
      assertSignedOnce(results);
    } finally {
      Files.deleteIfExists(held);
    }
  }

  /** Four job managers end, the first of which did not write what it plans. */
  @Test
  void sign_ofAModelWhosePlanningEndsTheJobManager_failsThatModelAlone() throws Exception {
    models[SMALL] =
        Files.createDirectories(folder.resolve("models/model" + FaultyFileSystem.DEADLY));
    // Planned when the job has been accepted and some models are done.
    runs.window = new WindowSettings(3, 1 << 20, 2, 1, 4_096, 1 << 20);
    Path checkpoints = folder.resolve("checkpoints");

    List<ModelResult> results;
    try (TestingServer zooKeeper = new TestingServer();
        RealCluster ha =
            RealCluster.start(
                "planning", folder, RealCluster.highAvailability(zooKeeper, folder))) {
      startWorker(ha);
      startWorker(ha);
      ha.awaitWorkers(2);
      runs.runner = ha;
      CompletableFuture<List<ModelResult>> run = start();
      for (int crash = 1; crash <= 4; crash++) {
        assertThat(ha.awaitApplication()).as("exit code of job manager %d", crash).isOne();
        assertThat(run).isNotDone();
        ha.startJobManager();
      }
      results = run.join();
      for (int tenths = 0; tenths < 600 && listsPlans(checkpoints); tenths++) {
        Thread.sleep(100);
      }
      assertThat(listsPlans(checkpoints)).as("what was being planned is there").isFalse();
    }

    assertThat(results).extracting(ModelResult::getEntryId).doesNotHaveDuplicates();
    assertThat(results).hasSize(models.length);
    ModelResult deadly = results.remove(SMALL);
    assertThat(deadly.getReason()).isEqualTo(FailureReason.CRASHED_WORKER);
    assertThat(deadly.getMessage()).contains("model.deadly", "ended the process 3 times");
    assertThat(results).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
  }

  private static boolean listsPlans(Path checkpoints) throws IOException {
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith("countersign-plans"));
    }
  }

  private CompletableFuture<List<ModelResult>> start() {
    return async(() -> runs.run(Operation.SIGN, entries()));
  }

  private List<CatalogEntry> entries() {
    return runs.faultyEntries(models);
  }

  private interface Run {
    List<ModelResult> get() throws Exception;
  }

  private static CompletableFuture<List<ModelResult>> async(Run run) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return run.get();
          } catch (Exception e) {
            throw new AssertionError("the run broke", e);
          }
        },
        task -> new Thread(task, "signer").start());
  }

  /**
   * Waits until a task manager opens the large file since this was last asked; returns its number.
   */
  private static long awaitOpened() throws Exception {
    Path file = opened.resolve(LARGE);
    for (int tenths = 0; tenths < 3_000; tenths++) {
      if (Files.exists(file)) {
        // It is written before a byte is read; a checkpoint has the unit in progress by then.
        Thread.sleep(2_000);
        long process = Long.parseLong(Files.readString(file));
        Files.delete(file);
        return process;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("the large file was not opened in 300 s");
  }

  /** The arguments that sign the models, each with its bundle in it. */
  private List<String> signKey(Path results) {
    return List.of(
        "sign",
        "key",
        FaultyFileSystem.uri(folder.resolve("models")) + "/*",
        "--private-key",
        runs.privateKey().toString(),
        "--results",
        results.toString(),
        "--checkpoint-interval",
        "1 s",
        "--checkpoint-dir",
        folder.resolve("checkpoints").toUri().toString());
  }

  private static String runId(String said) {
    Matcher matcher = Pattern.compile("Handed over as run (\\S+)\\.").matcher(said);
    assertThat(matcher.find()).as(said).isTrue();
    return matcher.group(1);
  }

  /** Parts that identify the command of a checkpoint. */
  private static Map<String, String> command(Path checkpoint) throws Exception {
    Configuration restored = new Configuration();
    restored.set(StateRecoveryOptions.SAVEPOINT_PATH, checkpoint.toUri().toString());
    try (StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(restored)) {
      return ClusterEngine.of(env).resumedCommand().orElseThrow().parts();
    }
  }

  /** One result a model and one record of the run are in {@code results}. */
  private void assertSignedOnce(Path results) throws Exception {
    assertWhole(TestRuns.read(results), runs.entries(models));
    List<Path> records;
    try (Stream<Path> files = Files.list(results)) {
      records = files.filter(file -> file.getFileName().toString().startsWith("run-")).toList();
    }
    assertThat(records).hasSize(1);
    assertThat(records.get(0))
        .content()
        .contains("\"models\" : 9,", "\"notDone\" : 0,", "\"SIGNED\" : 9\n");
  }

  private void assertWhole(List<ModelResult> signed) throws Exception {
    assertWhole(signed, runs.plainEntries(models));
  }

  private void assertWhole(List<ModelResult> signed, List<CatalogEntry> entries) throws Exception {
    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(signed).extracting(ModelResult::getEntryId).doesNotHaveDuplicates();
    assertThat(signed).hasSize(models.length);
    runs.runner = runs::runEmbedded;
    assertThat(runs.run(Operation.VERIFY, entries))
        .extracting(ModelResult::getOutcome)
        .hasSize(models.length)
        .containsOnly(Outcome.VERIFIED);
  }

  private static RealCluster.Worker worker(RealCluster of, Predicate<RealCluster.Worker> which) {
    return of.workers().stream().filter(which).findFirst().orElseThrow();
  }

  private static void startWorker(RealCluster of) throws IOException {
    RealCluster.Worker unused =
        of.startWorker(
            "-D" + FaultyFileSystem.PAUSE_MILLIS + "=50",
            "-D" + FaultyFileSystem.OPENED_IN + "=" + opened);
  }
}
