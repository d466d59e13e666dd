package dev.countersign.jobs.pipeline;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.ListedEntries;
import dev.countersign.jobs.results.ResultFiles;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.outcome.FailureLimit;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.pipeline.Stage;
import dev.countersign.records.ResultFormat;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.signing.SigningSettings;
import dev.countersign.sink.ResultSettings;
import dev.countersign.source.RunSettings;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.planning.ResignSettings;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.stage.SignSettings;
import dev.countersign.verification.KeyVerificationSettings;
import dev.countersign.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionJobVertex;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** Runs plans for tests, on an embedded cluster unless told otherwise; reads what they commit. */
final class TestRuns {

  /** What signing again changes; nothing where null or 0. */
  record Changes(
      @Nullable HashAlgorithm hash, @Nullable SerializationMethod method, long shardSize) {}

  /** Where jobs run. */
  interface JobRunner {
    /** Runs a job to its end. */
    void run(JobGraph job) throws Exception;
  }

  private final Path folder;
  private final Path privateKey;
  private final String publicKeyPem;

  /** Who signs; a key without a passphrase unless told otherwise. */
  SigningSettings signing;

  private SavepointRestoreSettings restore = SavepointRestoreSettings.none();
  private int runs;
  private long started;

  Serialization serialization = Serialization.files(HashAlgorithm.SHA256);
  ExistingBundle existing = ExistingBundle.REPLACE;
  WindowSettings window = WindowSettings.defaults();
  ReadSettings read = ReadSettings.defaults();

  /** Retries at once, so that a test of a fault that stays is not slow. */
  FaultSettings faults =
      new FaultSettings(3, Duration.ofMillis(10), Duration.ofMillis(50), FailureLimit.NONE);

  List<String> ignorePaths = List.of();
  boolean ignoreUnsigned;
  PlanSettings.Incremental incremental = PlanSettings.Incremental.NONE;
  Map<String, String> command = Map.of();
  Changes changes = new Changes(null, null, 0);
  String keepPrevious = "";
  @Nullable VerificationSettings previous;
  int slots = 2;
  JobRunner runner = this::runEmbedded;
  final Configuration configuration = new Configuration();
  private @Nullable AccessExecutionGraph history;

  /** Makes a key pair and keeps everything below {@code folder}. */
  TestRuns(Path folder) throws IOException {
    this.folder = folder;
    KeyPair pair = KeyPairFiles.generate("P-256");
    privateKey = folder.resolve("test.key");
    Files.write(privateKey, KeyPairFiles.privatePem(pair.getPrivate(), Optional.empty()));
    publicKeyPem = PublicKeyFile.pem(pair.getPublic());
    signing = new KeySigningSettings(privateKey.toString(), PassphraseSource.NONE);
  }

  List<ModelResult> sign(Path... models) throws Exception {
    return run(Operation.SIGN, entries(models));
  }

  List<ModelResult> verify(Path... models) throws Exception {
    return run(Operation.VERIFY, entries(models));
  }

  List<ModelResult> digest(Path... models) throws Exception {
    return run(Operation.DIGEST, entries(models));
  }

  /** Signs again with this key what that of {@code before} signed. */
  List<ModelResult> resign(TestRuns before, Path... models) throws Exception {
    previous = before.ownTrust();
    return run(Operation.RESIGN, entries(models));
  }

  VerificationSettings ownTrust() {
    return new KeyVerificationSettings(List.of(publicKeyPem));
  }

  List<CatalogEntry> entries(Path... models) {
    List<CatalogEntry> entries = new ArrayList<>();
    for (Path model : models) {
      String bundle =
          Files.isDirectory(model) ? model.resolve("model.sig").toString() : model + ".sig";
      entries.add(
          CatalogEntry.builder(entries.size(), model.toString())
              .name(model.getFileName().toString())
              .bundle(bundle)
              .build());
    }
    return entries;
  }

  /** Models that are read through {@link FaultyFileSystem}; bundles lie beside them. */
  List<CatalogEntry> faultyEntries(Path... models) {
    return entriesBeside(FaultyFileSystem::uri, models);
  }

  /** The same models, read as they lie on disk. */
  List<CatalogEntry> plainEntries(Path... models) {
    return entriesBeside(Path::toString, models);
  }

  private static List<CatalogEntry> entriesBeside(Function<Path, String> uri, Path... models) {
    List<CatalogEntry> entries = new ArrayList<>();
    for (Path model : models) {
      entries.add(
          CatalogEntry.builder(entries.size(), uri.apply(model))
              .name(model.getFileName().toString())
              .bundle(bundleBeside(model).toString())
              .build());
    }
    return entries;
  }

  /** Whether the run at hand has a result for this entry that no restart can take back. */
  boolean hasCommitted(long entryId) {
    try {
      return read(results()).stream().anyMatch(result -> result.getEntryId() == entryId);
    } catch (IOException e) {
      // No folder of results yet.
      return false;
    }
  }

  static Path bundleBeside(Path model) {
    return Path.of(model + ".sig");
  }

  /** What a bundle signs, as it stands there. */
  static String payload(Path bundle) throws IOException {
    String text = Files.readString(bundle);
    int start = text.indexOf("\"payload\":\"");
    return text.substring(start, text.indexOf('"', start + 11));
  }

  /** The results by entry; the folder of the run is new. */
  List<ModelResult> run(Operation operation, List<CatalogEntry> entries) throws Exception {
    runs++;
    started = System.currentTimeMillis();
    return resume(operation, entries);
  }

  /** As {@link #run}, but as one more attempt at the last run. */
  List<ModelResult> resume(Operation operation, List<CatalogEntry> entries) throws Exception {
    return resume(operation, ListedEntries.of(entries));
  }

  /** As {@link #run(Operation, List)}, over a catalog. */
  List<ModelResult> run(Operation operation, CatalogSource entries) throws Exception {
    runs++;
    return resume(operation, entries);
  }

  /** As {@link #resume(Operation, List)}, over a catalog. */
  List<ModelResult> resume(Operation operation, CatalogSource entries) throws Exception {
    Path results = folder.resolve("results-" + runs);
    RunPlan plan = plan(operation, entries, results.toUri().toString());
    configuration.setString("pipeline.generic-types", "false");
    configuration.setString("execution.checkpointing.storage", "filesystem");
    configuration.setString(
        "execution.checkpointing.dir", folder.resolve("checkpoints").toUri().toString());
    configuration.setString("rest.port", "0");
    if (!configuration.containsKey("restart-strategy.type")) {
      configuration.setString("restart-strategy.type", "none");
    }
    // Not the one of runs in this process, which knows that there is one machine.
    try (StreamExecutionEnvironment env = new StreamExecutionEnvironment(configuration)) {
      env.setParallelism(slots);
      env.getConfig().enableObjectReuse();
      if (!configuration.containsKey("execution.checkpointing.interval")) {
        env.enableCheckpointing(10_000);
      }
      CatalogPipeline.build(env, plan);
      JobGraph job = env.getStreamGraph().getJobGraph();
      if (restore.restoreSavepoint()) {
        job.setSavepointRestoreSettings(restore);
      }
      runner.run(job);
    }
    return read(results);
  }

  /** As {@link #resume}, from the checkpoint in {@code checkpoint}. */
  List<ModelResult> resumeFrom(Path checkpoint, Operation operation, List<CatalogEntry> entries)
      throws Exception {
    restore = SavepointRestoreSettings.forPath(checkpoint.toUri().toString(), false);
    try {
      return resume(operation, entries);
    } finally {
      restore = SavepointRestoreSettings.none();
    }
  }

  /** The private key that signs. */
  Path privateKey() {
    return privateKey;
  }

  /** The key to verify with. */
  String publicKeyPem() {
    return publicKeyPem;
  }

  /** The folder of the last run's results. */
  Path results() {
    return folder.resolve("results-" + runs);
  }

  /** The record of the last run. */
  Path runRecord() {
    return folder.resolve("run-" + runs + ".json");
  }

  /** What the embedded cluster remembers of the last job. */
  AccessExecutionGraph history() {
    return Objects.requireNonNull(history, "no job ran embedded");
  }

  /** Returns the number of units that the readers of the last embedded job emitted. */
  long units() {
    for (AccessExecutionJobVertex vertex : history().getVerticesTopologically()) {
      if (vertex.getName().contains(Stage.MODELS.title())) {
        return Arrays.stream(vertex.getTaskVertices())
            .map(task -> task.getCurrentExecutionAttempt().getIOMetrics())
            .mapToLong(metrics -> Objects.requireNonNull(metrics).getNumRecordsOut())
            .sum();
      }
    }
    throw new AssertionError("no readers");
  }

  void runEmbedded(JobGraph job) throws Exception {
    try (MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .build())) {
      cluster.start();
      cluster.executeJobBlocking(job);
      history = cluster.getExecutionGraph(job.getJobID()).get();
    }
  }

  RunPlan plan(Operation operation, List<CatalogEntry> entries, String results) {
    return plan(operation, ListedEntries.of(entries), results);
  }

  private RunPlan plan(Operation operation, CatalogSource entries, String results) {
    boolean verifies = operation == Operation.VERIFY || existing == ExistingBundle.SKIP_IF_SIGNED;
    return new RunPlan(
        entries,
        new RunSettings(
            new CommandFingerprint(command),
            new PlanSettings(
                operation,
                "test-" + runs,
                serialization,
                new PlanSettings.Ignored(ignorePaths, true, ignoreUnsigned),
                new PlanSettings.Folders(folder.toString(), List.of(), List.of()),
                new PlanSettings.Bundles(
                    existing,
                    operation == Operation.RESIGN ? previous : verifies ? ownTrust() : null,
                    operation == Operation.RESIGN
                        ? new ResignSettings(
                            ownTrust(),
                            changes.hash(),
                            changes.method(),
                            changes.shardSize(),
                            false,
                            false)
                        : null),
                new PlanSettings.Limits(
                    OmsBounds.defaults(), 100, 1_000_000, Long.MAX_VALUE, 10_000),
                incremental),
            window,
            read,
            faults,
            new RunSession(UUID.randomUUID().toString()),
            false),
        started,
        operation == Operation.SIGN || operation == Operation.RESIGN
            ? new SignSettings(
                signing, null, ShardAlgorithm.CLIENT, existing, OmsBounds.defaults(), keepPrevious)
            : null,
        new ResultSettings(results, ResultFormat.AVRO),
        folder.resolve("run-" + runs + ".json").toString(),
        List.of("lanes=2"),
        List.of(),
        "test");
  }

  /** All committed results below {@code results}, by entry. */
  static List<ModelResult> read(Path results) throws IOException {
    List<ModelResult> records = new ArrayList<>();
    if (!Files.exists(results)) {
      // A run that was stopped early has committed nothing.
      return records;
    }
    try (Stream<Path> files = Files.list(results)) {
      for (Path file :
          files.filter(path -> ResultFiles.isCommitted(path.getFileName().toString())).toList()) {
        try (DataFileReader<ModelResult> reader =
            new DataFileReader<>(file.toFile(), new SpecificDatumReader<>(ModelResult.class))) {
          reader.forEach(records::add);
        }
      }
    }
    records.sort(Comparator.comparingLong(ModelResult::getEntryId));
    return records;
  }
}
