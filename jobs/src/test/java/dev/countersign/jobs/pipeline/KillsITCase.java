package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills processes of a run at random moments, as {@code kill -9} does, and compares what it leaves
 * with what an undisturbed run does. One short round of each kind, unless system properties say
 * more:
 *
 * <ul>
 *   <li>{@code kills.rounds}: how many rounds of all kinds together
 *   <li>{@code kills.models}: how many models
 *   <li>{@code kills.seed}: repeats the moments of a run that failed; the log has it
 * </ul>
 */
@Timeout(1_200)
final class KillsITCase {

  private static final Logger LOG = LoggerFactory.getLogger(KillsITCase.class);

  private static final int KINDS = 4;
  private static final int ROUNDS = Integer.getInteger("kills.rounds", KINDS);
  private static final int MODELS = Integer.getInteger("kills.models", 300);
  private static final long SEED = Long.getLong("kills.seed", System.nanoTime());

  /** Milliseconds that a piece takes; there are two in a file and two files in a model. */
  private static final String PAUSE = "-D" + FaultyFileSystem.PAUSE_MILLIS + "=10";

  private static final int WORKERS = 3;

  @TempDir Path folder;

  private final Random random = new Random(SEED);
  private TestRuns runs;
  private KilledLake lake;

  @BeforeEach
  void prepare() throws Exception {
    LOG.warn("Killing with -Dkills.seed={}", SEED);
    runs = new TestRuns(folder);
    runs.compact = true;
    lake = new KilledLake(folder, MODELS, runs);
    runs.slots = 4;
    runs.configuration.setString("execution.checkpointing.interval", "1s");
    runs.configuration.setString("execution.checkpointing.min-pause", "1s");
    runs.configuration.setString("execution.checkpointing.num-retained", "2");
    runs.configuration.setString(
        "execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
    runs.configuration.setString("restart-strategy.type", "exponential-delay");
    runs.configuration.setString("restart-strategy.exponential-delay.initial-backoff", "200ms");
    runs.configuration.setString("restart-strategy.exponential-delay.max-backoff", "2s");
  }

  @Test
  void run_whoseTaskManagersAreKilled_leavesWhatAnUndisturbedOneDoes() throws Exception {
    try (RealCluster cluster = RealCluster.start("kills-workers", folder)) {
      startWorkers(cluster);
      for (int round = 0; round < rounds(0); round++) {
        CompletableFuture<List<ModelResult>> run = start(cluster);
        awaitSomeAndThen(run);
        for (int kill = 0; kill <= round % 2; kill++) {
          List<RealCluster.Worker> alive = cluster.workers();
          alive.get(random.nextInt(alive.size())).kill();
          RealCluster.Worker unused = cluster.startWorker(PAUSE);
          Thread.sleep(random.nextInt(2_000));
        }
        demandWhole(run, "task manager, round " + round);
        cluster.awaitWorkers(WORKERS);
      }
    }
  }

  @Test
  void run_whoseJobManagerIsKilled_goesOnUnderHighAvailability() throws Exception {
    try (TestingServer zooKeeper = new TestingServer();
        RealCluster cluster =
            RealCluster.start(
                "kills-master",
                folder,
                Map.of(
                    "high-availability.type", "zookeeper",
                    "high-availability.zookeeper.quorum", zooKeeper.getConnectString(),
                    "high-availability.storageDir", folder.resolve("ha").toUri().toString(),
                    "high-availability.zookeeper.client.session-timeout", "5s",
                    "high-availability.zookeeper.client.connection-timeout", "5s"))) {
      startWorkers(cluster);
      for (int round = 0; round < rounds(1); round++) {
        CompletableFuture<List<ModelResult>> run = start(cluster);
        awaitSomeAndThen(run);
        cluster.killJobManager();
        Thread.sleep(random.nextInt(500));
        cluster.startJobManager();
        demandWhole(run, "job manager, round " + round);
      }
    }
  }

  @Test
  void run_startedAgainFromItsRetainedCheckpoint_goesOnWithoutHighAvailability() throws Exception {
    try (RealCluster cluster = RealCluster.start("kills-retained", folder)) {
      startWorkers(cluster);
      for (int round = 0; round < rounds(2); round++) {
        deleteCheckpoints();
        CompletableFuture<List<ModelResult>> run = start(cluster);
        awaitSomeAndThen(run);
        Path checkpoint = awaitCheckpoint();
        cluster.killJobManager();
        run.cancel(true);
        cluster.startJobManager();
        cluster.awaitWorkers(WORKERS);
        Path newest = newestCheckpoint().orElse(checkpoint);
        runs.runner = cluster;
        List<ModelResult> unused = runs.resumeFrom(newest, Operation.SIGN, lake.slowEntries(runs));
        lake.demandWhole(runs.results(), runs.runRecord());
        lake.forgetBundles();
      }
    }
  }

  @Test
  void run_whoseProcessIsKilledAgainAndAgain_goesOnWithState() throws Exception {
    for (int round = 0; round < rounds(3); round++) {
      Path state = folder.resolve("state-" + round);
      int kills = 0;
      int code;
      while (true) {
        ForkedProgram program = ForkedProgram.start(folder, List.of(PAUSE), sign(state));
        int before = lake.bundles();
        while (program.isAlive() && lake.bundles() < before + MODELS / 10) {
          Thread.sleep(50);
        }
        Thread.sleep(random.nextInt(2_500));
        if (program.isAlive() && kills < 5) {
          program.kill();
          kills++;
        } else {
          code = program.await();
          assertThat(code).as(program.err()).isZero();
          assertThat(program.out()).hasSize(MODELS).doesNotHaveDuplicates();
          break;
        }
      }
      LOG.warn("The process was killed {} times in round {}", kills, round);
      assertThat(kills).isPositive();
      lake.demandWhole(committedIn(state), runRecordIn(state));
      lake.forgetBundles();
    }
  }

  private List<String> sign(Path state) {
    return List.of(
        "sign",
        "key",
        "--private-key",
        runs.privateKey().toString(),
        "--state",
        state.toString(),
        "--checkpoint-interval",
        "1 s",
        "--parallelism",
        "2",
        "--signature",
        lake.folder() + "/{name}.sig",
        FaultyFileSystem.uri(lake.folder()) + "/model-*[0-9]");
  }

  /** The committed results alone: the state's folder for results has the run's record, too. */
  private Path committedIn(Path state) throws IOException {
    Path results = Files.createDirectories(folder.resolve(state.getFileName() + "-results"));
    for (Path file : filesIn(state.resolve("results"))) {
      if (!file.getFileName().toString().startsWith(".")
          && file.getFileName().toString().endsWith(".avro")) {
        Path unused = Files.copy(file, results.resolve(file.getFileName()));
      }
    }
    return results;
  }

  private static Path runRecordIn(Path state) throws IOException {
    return filesIn(state.resolve("results")).stream()
        .filter(file -> file.getFileName().toString().matches("run-.*\\.json"))
        .findFirst()
        .orElseThrow();
  }

  private static int rounds(int kind) {
    return (ROUNDS + KINDS - 1 - kind) / KINDS;
  }

  private static void startWorkers(RealCluster cluster) throws Exception {
    for (int worker = 0; worker < WORKERS; worker++) {
      RealCluster.Worker unused = cluster.startWorker(PAUSE);
    }
    cluster.awaitWorkers(WORKERS);
  }

  private CompletableFuture<List<ModelResult>> start(RealCluster cluster) {
    runs.runner = cluster;
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return runs.run(Operation.SIGN, lake.slowEntries(runs));
          } catch (Exception e) {
            throw new AssertionError("the run broke", e);
          }
        },
        task -> new Thread(task, "signer").start());
  }

  /** Waits until the run is under way, and then a random time. */
  private void awaitSomeAndThen(CompletableFuture<List<ModelResult>> run) throws Exception {
    int some = 1 + random.nextInt(Math.max(1, MODELS / 2));
    while (lake.bundles() < some && !run.isDone()) {
      Thread.sleep(20);
    }
    Thread.sleep(random.nextInt(500));
    assertThat(run).as("the run is hit before its end").isNotDone();
  }

  private void demandWhole(CompletableFuture<List<ModelResult>> run, String round)
      throws Exception {
    long start = System.nanoTime();
    List<ModelResult> unused = run.join();
    lake.demandWhole(runs.results(), runs.runRecord());
    lake.forgetBundles();
    LOG.warn(
        "{}: ended {} ms after the kill",
        round,
        Duration.ofNanos(System.nanoTime() - start).toMillis());
  }

  private Path awaitCheckpoint() throws Exception {
    for (int tenths = 0; tenths < 600; tenths++) {
      Optional<Path> newest = newestCheckpoint();
      if (newest.isPresent()) {
        return newest.get();
      }
      Thread.sleep(100);
    }
    throw new AssertionError("no checkpoint was completed");
  }

  private Optional<Path> newestCheckpoint() throws IOException {
    return filesIn(folder.resolve("checkpoints")).stream()
        .filter(file -> file.getFileName().toString().equals("_metadata"))
        .map(Path::getParent)
        .max(Comparator.comparingLong(KillsITCase::number));
  }

  private static long number(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring("chk-".length()));
  }

  private void deleteCheckpoints() throws IOException {
    for (Path file : filesIn(folder.resolve("checkpoints"))) {
      Files.deleteIfExists(file);
    }
  }

  private static List<Path> filesIn(Path in) throws IOException {
    if (!Files.isDirectory(in)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(in)) {
      return new ArrayList<>(all.filter(Files::isRegularFile).toList());
    } catch (UncheckedIOException e) {
      // Deleted while it was listed.
      return List.of();
    }
  }
}
