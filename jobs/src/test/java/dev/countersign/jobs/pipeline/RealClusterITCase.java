package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.jobs.Checkpoints;
import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.execution.JobConfiguration;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.pipeline.Stage;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.units.WindowSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.apache.flink.runtime.rest.messages.job.metrics.IOMetricsInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only shows between processes: frame limits, machines of unlike speed, workers that die. */
@Timeout(400)
final class RealClusterITCase {

  private static final int PIECE = FaultyFileSystem.PIECE;

  @TempDir Path folder;

  private TestRuns runs;

  @BeforeEach
  void prepare() throws IOException {
    runs = new TestRuns(folder);
    runs.configuration.setString("execution.checkpointing.interval", "1s");
    runs.configuration.setString("restart-strategy.type", "exponential-delay");
    runs.configuration.setString("restart-strategy.exponential-delay.initial-backoff", "200ms");
    runs.configuration.setString("restart-strategy.exponential-delay.max-backoff", "2s");
  }

  @Test
  void run_ofManyFilesAndLongNames_passesBetweenProcesses() throws Exception {
    Path many = Files.createDirectories(folder.resolve("models/many"));
    for (int directory = 0; directory < 200; directory++) {
      Path in = Files.createDirectory(many.resolve("directory-" + directory));
      for (int file = 0; file < 1_000; file++) {
        Files.createFile(in.resolve("file-" + file));
      }
    }
    Path deep = folder.resolve("models/long");
    Path in = Files.createDirectories(deep.resolve(("d".repeat(250) + "/").repeat(4)));
    for (int file = 0; file < 4_096; file++) {
      Files.createFile(in.resolve("f".repeat(250) + file));
    }
    runs.window = new WindowSettings(10, 256 << 20, 2, 64 << 20, 4_096, 32 << 20);

    List<ModelResult> signed;
    List<ModelResult> verified;
    long units;
    long metadata;
    try (RealCluster cluster = RealCluster.start("frames", folder);
        MetadataWatch watch = new MetadataWatch(folder.resolve("checkpoints"))) {
      cluster.startWorker();
      cluster.startWorker();
      cluster.awaitWorkers(2);
      runs.runner = cluster;
      signed = runs.sign(many, deep);
      verified = runs.verify(many, deep);
      units =
          cluster.recordsByWorker(Stage.MODELS.title()).values().stream().mapToLong(n -> n).sum();
      metadata = watch.largest();
    }

    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(verified).extracting(ModelResult::getOutcome).containsOnly(Outcome.VERIFIED);
    assertThat(verified).extracting(ModelResult::getFiles).containsExactly(200_000L, 4_096L);
    assertThat(units).as("full units of 4,096 names").isEqualTo(49 + 1);
    assertThat(metadata).as("bytes of checkpoint metadata").isBetween(1L, 100_000L);
  }

  @Test
  void run_withTooFewNetworkBuffers_endsAndNamesTheSetting() throws Exception {
    Path model = files("model", 1, "", 10);
    Map<String, String> settings =
        Map.of(
            "taskmanager.numberOfTaskSlots", "4",
            "taskmanager.memory.network.min", "1m",
            "taskmanager.memory.network.max", "1m",
            "restart-strategy.type", "fixed-delay",
            "restart-strategy.fixed-delay.delay", "100ms");

    RealCluster.Ended ended;
    try (RealCluster cluster = RealCluster.start("buffers", folder, settings)) {
      cluster.startWorker();
      cluster.awaitWorkers(1);
      ended =
          cluster.flinkRun(
              List.of(),
              List.of(
                  "digest",
                  "--parallelism",
                  "4",
                  "--checkpoint-dir",
                  folder.resolve("checkpoints").toString(),
                  model.toString()));
    }

    assertThat(ended.code()).as(ended.said()).isEqualTo(ExitCode.BROKEN);
    assertThat(ended.said())
        .contains(
            "countersign: the run broke (a task manager has too few network buffers for this"
                + " parallelism. Raise taskmanager.memory.network.min and"
                + " taskmanager.memory.network.max, or lower --parallelism). Results above are"
                + " valid.");
  }

  @Test
  void models_onSlowAndFastMachines_areSharedByPulling() throws Exception {
    Path model = files("model", 60, FaultyFileSystem.SLOW, PIECE);
    runs.window = new WindowSettings(10, 1 << 20, 2, 1, 4_096, 1 << 20);
    runs.read = new ReadSettings(1, 1, 1 << 20, Duration.ofMinutes(1), false, KernelChoice.JDK);

    ModelResult signed;
    Map<String, Long> units;
    try (RealCluster cluster = RealCluster.start("speeds", folder)) {
      RealCluster.Worker fast = cluster.startWorker("-D" + FaultyFileSystem.PAUSE_MILLIS + "=100");
      RealCluster.Worker slow = cluster.startWorker("-D" + FaultyFileSystem.PAUSE_MILLIS + "=1500");
      cluster.awaitWorkers(2);
      runs.runner = cluster;
      signed = runs.run(Operation.SIGN, runs.faultyEntries(model)).get(0);
      units = cluster.recordsByWorker(Stage.MODELS.title());
      assertThat(units).containsOnlyKeys(fast.name(), slow.name());
      assertThat(cluster.inputOf("Source: Read models"))
          .returns(60L * PIECE, IOMetricsInfo::getBytesRead)
          .returns(60L, IOMetricsInfo::getRecordsRead);
      assertThat(cluster.accumulators())
          .containsEntry("models.SIGNED", "1")
          .containsEntry("models.FAILED", "0");
      assertThat(units.get(fast.name())).isGreaterThan(3 * units.get(slow.name()));
    }

    assertThat(units.values().stream().mapToLong(n -> n).sum()).isEqualTo(60);
    assertThat(signed.getOutcome()).isEqualTo(Outcome.SIGNED);
  }

  @Test
  void sign_whenAWorkerIsKilled_countsNothingTwice() throws Exception {
    Path[] models = new Path[12];
    for (int i = 0; i < models.length; i++) {
      models[i] = files("model-" + i, 3, FaultyFileSystem.SLOW, (3 + i) * PIECE);
    }
    runs.window = new WindowSettings(20, 1 << 20, 2, 1, 4_096, 1 << 20);

    List<ModelResult> signed;
    try (RealCluster cluster = RealCluster.start("killed", folder)) {
      RealCluster.Worker victim = cluster.startWorker();
      cluster.startWorker();
      cluster.awaitWorkers(2);
      runs.runner = cluster;
      CompletableFuture<List<ModelResult>> run =
          CompletableFuture.supplyAsync(
              () -> sign(runs.faultyEntries(models)), task -> new Thread(task, "signer").start());
      awaitAnyBundle(models);
      victim.kill();
      assertThat(run).isNotDone();
      signed = run.join();
    }
    runs.runner = runs::runEmbedded;
    List<ModelResult> verified = runs.run(Operation.VERIFY, runs.plainEntries(models));
    List<String> payloads = takePayloads(TestRuns::bundleBeside, models);
    List<ModelResult> undisturbed = runs.run(Operation.SIGN, runs.plainEntries(models));

    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(verified).extracting(ModelResult::getOutcome).containsOnly(Outcome.VERIFIED);
    assertThat(signed)
        .usingRecursiveFieldByFieldElementComparatorOnFields(
            "entryId", "rootDigest", "bytes", "files")
        .isEqualTo(undisturbed);
    assertThat(payloads).isEqualTo(takePayloads(TestRuns::bundleBeside, models));
  }

  @Test
  void sign_ofAFileThatKillsWorkers_failsItsModelAlone() throws Exception {
    List<Path> models = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      models.add(files("model-" + i, 3, FaultyFileSystem.SLOW, (2 + i) * PIECE));
    }
    models.add(3, files("poison", 1, FaultyFileSystem.DEADLY, 4 * PIECE));
    runs.window = new WindowSettings(20, 1 << 20, 2, 1, 4_096, 1 << 20);

    List<ModelResult> results;
    int workers;
    try (RealCluster cluster = RealCluster.start("poison", folder)) {
      cluster.startSupervisedWorker();
      cluster.startSupervisedWorker();
      cluster.awaitWorkers(2);
      runs.runner = cluster;
      results = runs.run(Operation.SIGN, runs.faultyEntries(models.toArray(Path[]::new)));
      workers = cluster.workersStarted();
    }

    assertThat(results).hasSize(models.size());
    ModelResult poison = results.remove(3);
    assertThat(poison.getReason()).isEqualTo(FailureReason.CRASHED_WORKER);
    assertThat(poison.getMessage()).contains("poison").contains("4 times");
    assertThat(TestRuns.bundleBeside(models.get(3))).doesNotExist();
    assertThat(results).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    // Four deaths are the file's; on a busy machine a worker may also miss a heartbeat and be
    // replaced.
    assertThat(workers).isBetween(2 + 4, 2 + 4 + 3);
  }

  @Test
  void sign_onClustersOfAnySize_givesTheSamePayloads() throws Exception {
    Path flat = files("flat", 300, ".bin", 1_000);
    Path large = files("large", 3, ".bin", 5_000_000);
    runs.window = new WindowSettings(10, 1 << 20, 2, 5_000, 64, 1 << 20);

    runs.slots = 1;
    List<String> one = payloads(flat, large);
    runs.slots = 4;
    List<String> four = payloads(flat, large);
    List<String> real;
    try (RealCluster cluster = RealCluster.start("payloads", folder)) {
      cluster.startWorker();
      cluster.startWorker();
      cluster.awaitWorkers(2);
      runs.runner = cluster;
      real = payloads(flat, large);
    }

    assertThat(one.get(0)).hasSizeGreaterThan(10_000);
    assertThat(four).isEqualTo(one);
    assertThat(real).isEqualTo(one);
  }

  /** As when Flink has a task that is about to end decline the checkpoint, which is a race. */
  @Test
  void run_whoseLastCheckpointFails_endsLongBeforeTheCheckpointInterval() throws Exception {
    Path model = files("model", 2, FaultyFileSystem.SLOW, 20 * PIECE);
    Path checkpoints = folder.resolve("checkpoints");
    runs.configuration.addAll(
        JobConfiguration.of(Duration.ofMinutes(10), checkpoints.toUri().toString()));

    List<ModelResult> signed;
    try (RealCluster cluster = RealCluster.start("last-checkpoint", folder)) {
      cluster.startWorker();
      cluster.startWorker();
      cluster.awaitWorkers(2);
      runs.runner = cluster;
      CompletableFuture<List<ModelResult>> run =
          CompletableFuture.supplyAsync(
              () -> sign(runs.faultyEntries(model)), task -> new Thread(task, "signer").start());
      Checkpoints.failFirst(checkpoints, 3);
      assertThat(run).succeedsWithin(Duration.ofMinutes(2));
      signed = run.join();
    }

    assertThat(signed).extracting(ModelResult::getOutcome).containsExactly(Outcome.SIGNED);
  }

  @Test
  void watch_whosePolicyAndListsAreNamedByUris_failsTheNextModelOfARevokedSigner()
      throws Exception {
    for (String model : List.of("a", "b")) {
      Files.writeString(
          Files.createDirectories(folder.resolve("new").resolve(model)).resolve("w"), model);
    }
    signAsRevoked("new/a", "new/b");
    Path lake = Files.createDirectory(folder.resolve("lake"));
    Path list = folder.resolve("ca.crl");
    Files.copy(Path.of("../operators/src/test/resources/bundles/signers-1/revoked.crl"), list);
    Path policy = folder.resolve("policy.yaml");
    String accepting =
        """
        version: 1
        rules:
        - name: all
          models: .*
          accept:
            certificates:
            - authorities: root.pem
        """;
    Files.writeString(policy, accepting);
    Files.copy(certificate("root.pem"), folder.resolve("root.pem"));
    Files.copy(certificate("intermediate.crl"), folder.resolve("intermediate.crl"));
    Path byList = folder.resolve("by-list");
    Path byPolicy = folder.resolve("by-policy");

    try (RealCluster cluster = RealCluster.start("trust", folder)) {
      cluster.startWorker();
      cluster.awaitWorkers(1);
      watch(
          cluster,
          byList,
          List.of(
              "certificate",
              "--certificate-chain",
              certificate("root.pem").toString(),
              "--crl",
              list.toUri().toString()));
      watch(cluster, byPolicy, List.of("policy", "--policy", policy.toUri().toString()));
      Files.move(folder.resolve("new/a"), lake.resolve("a"));
      assertThat(awaitResult(byList, 1).getOutcome()).isEqualTo(Outcome.VERIFIED);
      assertThat(awaitResult(byPolicy, 1).getOutcome()).isEqualTo(Outcome.VERIFIED);

      replace(list, Files.readString(certificate("intermediate.crl")));
      replace(policy, accepting + "      revocation-lists: intermediate.crl\n");
      Files.move(folder.resolve("new/b"), lake.resolve("b"));

      assertThat(awaitResult(byList, 2).getReason()).isEqualTo(FailureReason.REVOKED_CERTIFICATE);
      assertThat(awaitResult(byPolicy, 2).getReason()).isEqualTo(FailureReason.REVOKED_CERTIFICATE);
    }
  }

  private void signAsRevoked(String... models) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "sign",
                "certificate",
                "--private-key",
                certificate("test-only-revoked.key").toString(),
                "--signing-certificate",
                certificate("revoked.pem").toString(),
                "--certificate-chain",
                certificate("intermediate.pem").toString()));
    arguments.addAll(List.of(models));
    ForkedProgram signing = ForkedProgram.start(folder, List.of(), arguments);
    assertThat(signing.await()).as(signing.err()).isZero();
  }

  /** Has a cluster verify all models that come into the lake. */
  private void watch(RealCluster cluster, Path results, List<String> method) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("verify"));
    arguments.addAll(method);
    arguments.addAll(
        List.of("--watch", "300 ms", "--settle", "1 s", "--checkpoint-interval", "500 ms"));
    arguments.addAll(List.of("--results", results.toString(), "--parallelism", "1"));
    arguments.addAll(List.of("--checkpoint-dir", folder.resolve("watch-checkpoints").toString()));
    arguments.add(folder.resolve("lake") + "/*");
    RealCluster.Ended begun = cluster.flinkRun(List.of("-d"), arguments);
    assertThat(begun.code()).as(begun.said()).isZero();
  }

  /** Waits until there are {@code count} results; returns the last one. */
  private static ModelResult awaitResult(Path results, int count) throws Exception {
    for (int tenths = 0; tenths < 1_800; tenths++) {
      List<ModelResult> all = TestRuns.read(results);
      if (all.size() >= count) {
        return all.get(count - 1);
      }
      Thread.sleep(100);
    }
    throw new AssertionError("no result " + count + " in 180 s");
  }

  private static void replace(Path file, String content) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next"), content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Path certificate(String name) throws IOException {
    return Path.of("src/test/resources/certificates", name).toRealPath();
  }

  private List<String> payloads(Path... models) throws Exception {
    runs.sign(models);
    return takePayloads(model -> model.resolve("model.sig"), models);
  }

  /** Reads what was signed and removes the bundles, so that nothing can be taken for new. */
  private static List<String> takePayloads(UnaryOperator<Path> bundleOf, Path... models)
      throws IOException {
    List<String> payloads = new ArrayList<>();
    for (Path model : models) {
      Path bundle = bundleOf.apply(model);
      payloads.add(TestRuns.payload(bundle));
      Files.delete(bundle);
    }
    return payloads;
  }

  private List<ModelResult> sign(List<CatalogEntry> entries) {
    try {
      return runs.run(Operation.SIGN, entries);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitAnyBundle(Path... models) throws InterruptedException {
    for (int tenths = 0; tenths < 300; tenths++) {
      for (Path model : models) {
        if (Files.exists(TestRuns.bundleBeside(model))) {
          return;
        }
      }
      Thread.sleep(100);
    }
    throw new AssertionError("no model was signed in 30 s");
  }

  private Path files(String name, int count, String end, int bytes) throws IOException {
    Path model = Files.createDirectories(folder.resolve("models").resolve(name));
    Random random = new Random(name.hashCode());
    byte[] content = new byte[bytes];
    for (int i = 0; i < count; i++) {
      random.nextBytes(content);
      Files.write(model.resolve(i + end), content);
    }
    return model;
  }
}
