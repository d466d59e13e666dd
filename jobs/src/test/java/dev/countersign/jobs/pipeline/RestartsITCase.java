package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.WindowSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
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
@Timeout(400)
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
    runs.command = Map.of("the command", "sign key");
    CompletableFuture<List<ModelResult>> run = start();
    long unused = awaitOpened();
    Path savepoint = cluster.stopWithSavepoint(folder.resolve("savepoints"));
    int before = run.join().size();
    Path more = Files.createDirectories(folder.resolve("models/model-1a"));
    Files.writeString(more.resolve("small"), "one that the glob did not match before");
    List<CatalogEntry> others =
        runs.faultyEntries(
            models[0], models[1], more, models[2], models[3], models[4], models[5], models[6],
            models[7], models[8]);

    assertThatThrownBy(() -> runs.resumeFrom(savepoint, Operation.SIGN, others))
        .rootCause()
        .hasMessageContaining("models");
    runs.command = Map.of("the command", "sign key --hash-algorithm blake2b");
    assertThatThrownBy(() -> runs.resumeFrom(savepoint, Operation.SIGN, entries()))
        .rootCause()
        .hasMessageContaining("the command");

    assertThat(TestRuns.read(runs.results())).hasSize(before);
    assertThat(TestRuns.bundleBeside(more)).doesNotExist();
    runs.command = Map.of("the command", "sign key");
    assertWhole(runs.resumeFrom(savepoint, Operation.SIGN, entries()));
  }

  @Test
  void sign_underTheAdaptiveScheduler_growsAndSurvivesEvictions() throws Exception {
    Path own = Files.createDirectories(folder.resolve("adaptive"));
    try (RealCluster adaptive =
        RealCluster.start(
            "adaptive",
            own,
            Map.of(
                "jobmanager.scheduler", "adaptive",
                "jobmanager.adaptive-scheduler.submission.resource-wait-timeout", "2min",
                "jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout", "1s",
                "jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling", "1s",
                "jobmanager.adaptive-scheduler.executing.resource-stabilization-timeout", "1s",
                "jobmanager.adaptive-scheduler.rescale-trigger.max-delay", "1s"))) {
      startWorker(adaptive);
      adaptive.awaitWorkers(1);
      runs.runner = adaptive;
      CompletableFuture<List<ModelResult>> run = start();
      long first = awaitOpened();
      startWorker(adaptive);
      adaptive.awaitWorkers(2);
      long reader = awaitOpened();
      for (int round = 1; round < ROUNDS; round++) {
        long evicted = reader;
        startWorker(adaptive);
        adaptive.awaitWorkers(3);
        // The run may have grown to the third one and begun the file there.
        long now = Files.exists(opened.resolve(LARGE)) ? awaitOpened() : evicted;
        worker(adaptive, worker -> worker.process().pid() == now).terminate();
        adaptive.awaitWorkers(2);
        reader = awaitOpened();
      }

      assertThat(first).isPositive();
      assertWhole(run.join());
      assertThat(adaptive.recordsByWorker(CatalogPipeline.Stages.MODELS))
          .as("subtasks of the last execution")
          .hasSize(2);
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
    for (int tenths = 0; tenths < 900; tenths++) {
      if (Files.exists(file)) {
        // It is written before a byte is read; a checkpoint has the unit in progress by then.
        Thread.sleep(2_000);
        long process = Long.parseLong(Files.readString(file));
        Files.delete(file);
        return process;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("the large file was not opened in 90 s");
  }

  private void assertWhole(List<ModelResult> signed) throws Exception {
    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(signed).extracting(ModelResult::getEntryId).doesNotHaveDuplicates();
    assertThat(signed).hasSize(models.length);
    runs.runner = runs::runEmbedded;
    assertThat(runs.run(Operation.VERIFY, runs.plainEntries(models)))
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
