package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.jobs.ForkedProgram;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills processes of a run at random moments, as {@code kill -9} does, and compares what it leaves
 * with what an undisturbed run does. {@code mvn verify} leaves it out, {@code .ci/kills} runs it.
 * One short round of each kind and one more, unless system properties say more; every second round
 * of a kind signs again with another key, the others sign anew:
 *
 * <ul>
 *   <li>{@code kills.rounds}: how many rounds of all kinds together
 *   <li>{@code kills.models}: how many models
 *   <li>{@code kills.seed}: repeats the moments of a run that failed; {@code target/kills.log} has
 *       it
 * </ul>
 */
@Timeout(1_200)
final class KillsITCase {

  /** The seed, and how long each round took. */
  private static final Path LOG = Path.of("target", "kills.log");

  private static final int KINDS = 4;
  private static final int ROUNDS = Integer.getInteger("kills.rounds", KINDS + 1);
  private static final int MODELS = Integer.getInteger("kills.models", 300);
  private static final long SEED = Long.getLong("kills.seed", System.nanoTime());

  /** Milliseconds that a piece takes; there are two in a file and two files in a model. */
  private static final String PAUSE = "-D" + FaultyFileSystem.PAUSE_MILLIS + "=10";

  private static final int WORKERS = 3;

  /** Undisturbed runs are as long as disturbed ones: all rounds are compared with the same. */
  @TempDir static Path folder;

  private static TestRuns runs;
  private static TestRuns old;
  private static KilledLake lake;

  private final Random random = new Random(SEED);

  @BeforeAll
  static void prepare() throws Exception {
    Files.deleteIfExists(LOG);
    log("Killing with -Dkills.seed=" + SEED + " over " + MODELS + " models");
    runs = new TestRuns(Files.createDirectory(folder.resolve("new")));
    old = new TestRuns(Files.createDirectory(folder.resolve("old")));
    lake = new KilledLake(folder, MODELS, runs, old);
    log("Undisturbed runs are done");
    Files.writeString(folder.resolve("old.pub"), old.publicKeyPem());
    Files.writeString(
        folder.resolve("policy.yaml"),
        String.format(
            Locale.ROOT,
            """
            version: 1
            rules:
              - name: before
                models: '\\Q%s\\E/.*'
                accept: {keys: old.pub}
            """,
            FaultyFileSystem.uri(lake.folder())));
    List<String> lines = new ArrayList<>();
    for (CatalogEntry entry : lake.slowEntries()) {
      lines.add(
          String.format(
              Locale.ROOT, "{\"model\":\"%s\",\"name\":\"%s\"}", entry.model(), entry.name()));
    }
    Path unused = Files.write(folder.resolve("catalog.jsonl"), lines);
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
        Operation operation = operation(0, round);
        CompletableFuture<List<ModelResult>> run = start(operation, cluster);
        awaitSomeAndThen(run);
        for (int kill = 0; kill <= round % 2; kill++) {
          List<RealCluster.Worker> alive = cluster.workers();
          alive.get(random.nextInt(alive.size())).kill();
          RealCluster.Worker unused = cluster.startWorker(PAUSE);
          Thread.sleep(random.nextInt(2_000));
        }
        requireWhole(operation, run, "task manager, round " + round);
        cluster.awaitWorkers(WORKERS);
      }
    }
  }

  @Test
  void run_whoseJobManagerIsKilled_goesOnUnderHighAvailability() throws Exception {
    try (TestingServer zooKeeper = new TestingServer();
        RealCluster cluster =
            RealCluster.start(
                "kills-master", folder, RealCluster.highAvailability(zooKeeper, folder))) {
      startWorkers(cluster);
      for (int round = 0; round < rounds(1); round++) {
        Operation operation = operation(1, round);
        CompletableFuture<List<ModelResult>> run = start(operation, cluster);
        awaitSomeAndThen(run);
        cluster.killJobManager();
        Thread.sleep(random.nextInt(500));
        cluster.startJobManager();
        requireWhole(operation, run, "job manager, round " + round);
      }
    }
  }

  @Test
  void run_startedAgainFromItsRetainedCheckpoint_goesOnWithoutHighAvailability() throws Exception {
    try (RealCluster cluster = RealCluster.start("kills-retained", folder)) {
      startWorkers(cluster);
      for (int round = 0; round < rounds(2); round++) {
        deleteCheckpoints();
        Operation operation = operation(2, round);
        CompletableFuture<List<ModelResult>> run = start(operation, cluster);
        awaitSomeAndThen(run);
        Path checkpoint = awaitCheckpoint();
        cluster.killJobManager();
        run.cancel(true);
        cluster.startJobManager();
        cluster.awaitWorkers(WORKERS);
        Path newest = newestCheckpoint().orElse(checkpoint);
        runs.runner = cluster;
        List<ModelResult> unused = runs.resumeFrom(newest, operation, lake.slowEntries());
        lake.requireWhole(operation, runs.results(), runs.runRecord());
        log(operation + " from a retained checkpoint, round " + round + ": whole");
      }
    }
  }

  @Test
  void run_whoseProcessIsKilledAgainAndAgain_goesOnWithState() throws Exception {
    for (int round = 0; round < rounds(3); round++) {
      Operation operation = operation(3, round);
      lake.begin(operation);
      Path state = folder.resolve("state-" + round);
      int kills = 0;
      int code;
      while (true) {
        ForkedProgram program =
            ForkedProgram.start(folder, List.of(PAUSE), arguments(operation, state));
        int before = lake.written();
        while (program.isAlive() && lake.written() < before + MODELS / 10) {
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
      assertThat(kills).isPositive();
      lake.requireWhole(operation, committedIn(state), runRecordIn(state));
      log(operation + ", process killed " + kills + " times, round " + round + ": whole");
    }
  }

  private static List<String> arguments(Operation operation, Path state) {
    List<String> arguments = new ArrayList<>();
    if (operation == Operation.RESIGN) {
      arguments.addAll(List.of("resign", "key", "--policy", "policy.yaml"));
      arguments.addAll(List.of("--keep-previous", lake.kept().toString()));
    } else {
      arguments.addAll(List.of("sign", "key"));
    }
    arguments.addAll(List.of("--private-key", runs.privateKey().toString()));
    arguments.addAll(List.of("--state", state.toString()));
    arguments.addAll(List.of("--checkpoint-interval", "1 s", "--parallelism", "2"));
    arguments.addAll(List.of("--signature", lake.folder() + "/{name}.sig"));
    arguments.addAll(List.of("--catalog", "catalog.jsonl"));
    return arguments;
  }

  /** The committed results alone: the state's folder for results has the run's record, too. */
  private static Path committedIn(Path state) throws IOException {
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

  private static void log(String line) throws IOException {
    Files.writeString(
        LOG,
        LocalTime.now(ZoneOffset.UTC) + " " + line + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** Both operations take turns, and two rounds of two kinds have both. */
  private static Operation operation(int kind, int round) {
    return (kind + round) % 2 == 0 ? Operation.SIGN : Operation.RESIGN;
  }

  private static void startWorkers(RealCluster cluster) throws Exception {
    for (int worker = 0; worker < WORKERS; worker++) {
      RealCluster.Worker unused = cluster.startWorker(PAUSE);
    }
    cluster.awaitWorkers(WORKERS);
  }

  private static CompletableFuture<List<ModelResult>> start(
      Operation operation, RealCluster cluster) throws IOException {
    lake.begin(operation);
    runs.runner = cluster;
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return runs.run(operation, lake.slowEntries());
          } catch (Exception e) {
            throw new AssertionError("the run broke", e);
          }
        },
        task -> new Thread(task, "signer").start());
  }

  /** Waits until the run is under way, and then a random time. */
  private void awaitSomeAndThen(CompletableFuture<List<ModelResult>> run) throws Exception {
    int some = 1 + random.nextInt(Math.max(1, MODELS / 2));
    while (lake.written() < some && !run.isDone()) {
      Thread.sleep(20);
    }
    Thread.sleep(random.nextInt(500));
    assertThat(run).as("the run is hit before its end").isNotDone();
  }

  private static void requireWhole(
      Operation operation, CompletableFuture<List<ModelResult>> run, String round)
      throws Exception {
    long start = System.nanoTime();
    List<ModelResult> unused = run.join();
    lake.requireWhole(operation, runs.results(), runs.runRecord());
    log(
        operation
            + ", "
            + round
            + ": whole, ended "
            + Duration.ofNanos(System.nanoTime() - start).toMillis()
            + " ms after the kill");
  }

  private static Path awaitCheckpoint() throws Exception {
    for (int tenths = 0; tenths < 1_800; tenths++) {
      Optional<Path> newest = newestCheckpoint();
      if (newest.isPresent()) {
        return newest.get();
      }
      Thread.sleep(100);
    }
    throw new AssertionError("no checkpoint was completed");
  }

  private static Optional<Path> newestCheckpoint() throws IOException {
    return filesIn(folder.resolve("new/checkpoints")).stream()
        .filter(file -> file.getFileName().toString().equals("_metadata"))
        .map(Path::getParent)
        .max(Comparator.comparingLong(KillsITCase::number));
  }

  private static long number(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring("chk-".length()));
  }

  private static void deleteCheckpoints() throws IOException {
    for (Path file : filesIn(folder.resolve("new/checkpoints"))) {
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
