package dev.countersign.pipeline;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.EntryRules;
import dev.countersign.catalog.ListedEntries;
import dev.countersign.catalog.ModelGlobs;
import dev.countersign.catalog.NamedModel;
import dev.countersign.catalog.conflicts.EntryChecks;
import dev.countersign.catalog.file.CatalogFile;
import dev.countersign.oms.ContentDigest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.signing.CertificateSigningSettings;
import dev.countersign.signing.SigningSettings;
import dev.countersign.signing.TimestampSettings;
import dev.countersign.source.RunSettings;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.stage.SignSettings;
import dev.countersign.storage.Storages;
import dev.countersign.verification.VerificationSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Signs, verifies or digests models within any Flink job, and gives one result for each as a
 * stream. A model that fails is a result as well, with a reason; it does not fail the job.
 *
 * <pre>{@code
 * VerificationSettings trust =
 *     new KeyVerificationSettings(List.of(PublicKeyFile.pem(PublicKeyFile.load(publicKey))));
 * DataStream<ModelResult> results = ModelPipeline.verify(trust).models(env, models);
 * DataStream<String> failed =
 *     results
 *         .filter(result -> result.getOutcome() == Outcome.FAILED)
 *         .map(result -> result.getName() + ": " + result.getReason());
 * }</pre>
 *
 * <p>What is not set is as on the command line: SHA-256 of whole files, and the bundle {@code
 * model.sig} in each model's folder, which signing replaces. An environment of a streaming job with
 * checkpoints has each result exactly once; after a failure without them, all models are done
 * again, and the job manager's memory grows with the number of models. In a job with several such
 * streams, all but one need a {@link #name}. Private keys are named by their files, which the task
 * managers read; all else is read where the job is built, and travels with it.
 */
public final class ModelPipeline {

  private final Operation operation;
  private final @Nullable VerificationSettings trusted;
  private final @Nullable SigningSettings signer;
  private Serialization serialization = Serialization.files(HashAlgorithm.SHA256);
  private BundleTemplate bundles = BundleTemplate.standard();
  private @Nullable TimestampSettings timestamps;
  private ReadSettings read = ReadSettings.defaults();
  private FaultSettings faults = FaultSettings.defaults();
  private String name = "";

  private ModelPipeline(
      Operation operation,
      @Nullable VerificationSettings trusted,
      @Nullable SigningSettings signer) {
    this.operation = operation;
    this.trusted = trusted;
    this.signer = signer;
  }

  /**
   * Signs models.
   *
   * @param signer a {@link dev.countersign.signing.KeySigningSettings} or a {@link
   *     CertificateSigningSettings}
   */
  public static ModelPipeline sign(SigningSettings signer) {
    return new ModelPipeline(Operation.SIGN, null, signer);
  }

  /**
   * Verifies models.
   *
   * @param trusted a {@link dev.countersign.verification.KeyVerificationSettings}, a {@link
   *     dev.countersign.verification.CertificateVerificationSettings}, or what {@link
   *     dev.countersign.policy.PolicyFile#load} returns
   */
  public static ModelPipeline verify(VerificationSettings trusted) {
    return new ModelPipeline(Operation.VERIFY, trusted, null);
  }

  /** Computes the root digests of models. */
  public static ModelPipeline digest() {
    return new ModelPipeline(Operation.DIGEST, null, null);
  }

  /**
   * Sets how models are signed and digested; when verifying, each bundle decides.
   *
   * @throws IllegalArgumentException if it ignores paths, which belong to one model
   */
  @CanIgnoreReturnValue
  public ModelPipeline serialization(Serialization value) {
    if (!value.ignorePaths().isEmpty()) {
      throw new IllegalArgumentException("The serialization of all models cannot ignore paths.");
    }
    serialization = value;
    return this;
  }

  /** Sets where bundles are of which a catalog says nothing. */
  @CanIgnoreReturnValue
  public ModelPipeline bundles(BundleTemplate value) {
    bundles = value;
    return this;
  }

  /** Has signatures timestamped. */
  @CanIgnoreReturnValue
  public ModelPipeline timestamps(TimestampSettings value) {
    timestamps = value;
    return this;
  }

  /** Sets how models are read. */
  @CanIgnoreReturnValue
  public ModelPipeline read(ReadSettings value) {
    read = value;
    return this;
  }

  /** Sets what is tried again; the limit on failures has no effect here. */
  @CanIgnoreReturnValue
  public ModelPipeline faults(FaultSettings value) {
    faults = value;
    return this;
  }

  /**
   * Sets what distinguishes this stream from others in the job. The uids of its operators depend on
   * it, and so the name must be the same to resume from a savepoint.
   *
   * @throws IllegalArgumentException if it is blank
   */
  @CanIgnoreReturnValue
  public ModelPipeline name(String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException("The name of a stream of results must not be blank.");
    }
    name = value;
    return this;
  }

  /**
   * Adds the work on named models to a job.
   *
   * @param models paths, URIs and globs, resolved in this process
   * @return one result for each model
   * @throws CatalogException if a glob matches nothing, or two models exclude each other
   */
  public DataStream<ModelResult> models(StreamExecutionEnvironment env, List<String> models)
      throws CatalogException {
    return entries(env, entriesOf(models, workingFolder(), bundles, List.of()));
  }

  /**
   * Adds the work on the models of a catalog to a job.
   *
   * @param catalog path or URI of a file in any format of catalogs, which the job manager reads
   * @return one result for each line
   * @throws CatalogException if the catalog cannot be used, or two models exclude each other
   */
  public DataStream<ModelResult> catalog(StreamExecutionEnvironment env, String catalog)
      throws CatalogException {
    EntryRules.Ignores ignores =
        operation == Operation.VERIFY ? EntryRules.Ignores.SKIPPED : EntryRules.Ignores.REFUSED;
    return entries(
        env,
        CatalogFile.check(
            Storages.absolute(catalog, workingFolder()),
            new EntryRules(bundles, List.of(), List.of(), ignores),
            List.of()));
  }

  private DataStream<ModelResult> entries(StreamExecutionEnvironment env, CatalogSource entries) {
    String uid = Stage.ASSEMBLE.uid(name);
    if (env.getTransformations().stream().anyMatch(stage -> uid.equals(stage.getUid()))) {
      throw new IllegalStateException(
          "The job has a stream of results "
              + (name.isEmpty() ? "without a name" : "of the name '" + name + "'")
              + " already. Give this one another name.");
    }
    RunSettings run =
        new RunSettings(
            command(entries),
            plan(),
            WindowSettings.defaults(),
            read,
            faults,
            new RunSession(UUID.randomUUID().toString()),
            false);
    return ModelStreams.of(env, name, entries, run, signing()).results();
  }

  /**
   * Returns the entries of named models, checked against each other.
   *
   * @param models paths, URIs and globs
   * @param workingFolder what relative paths are relative to, an absolute path
   * @param outputs URIs of folders that the run itself writes
   * @throws CatalogException if a glob matches nothing, or two models exclude each other
   */
  public static CatalogSource entriesOf(
      List<String> models, String workingFolder, BundleTemplate bundles, List<String> outputs)
      throws CatalogException {
    List<CatalogEntry> entries = new ArrayList<>();
    for (NamedModel model : ModelGlobs.expand(models, workingFolder)) {
      entries.add(model.entry(entries.size(), bundles).settledIfLocal());
    }
    EntryChecks.check(entries, outputs);
    return ListedEntries.of(entries);
  }

  private PlanSettings plan() {
    return new PlanSettings(
        operation,
        RunSettings.newRunId(),
        serialization,
        new PlanSettings.Ignored(List.of(), true, false),
        new PlanSettings.Folders(
            workingFolder(), List.of(), bundles.folder().map(List::of).orElse(List.of())),
        new PlanSettings.Bundles(ExistingBundle.REPLACE, trusted, null),
        PlanSettings.Limits.defaults(),
        PlanSettings.Incremental.NONE);
  }

  private @Nullable SignSettings signing() {
    return signer == null
        ? null
        : new SignSettings(
            signer,
            timestamps,
            ShardAlgorithm.CLIENT,
            ExistingBundle.REPLACE,
            OmsBounds.defaults(),
            "");
  }

  /** What a job must have in common with the one whose savepoint it resumes from. */
  CommandFingerprint command(CatalogSource entries) {
    Map<String, String> parts = new HashMap<>();
    parts.put("the operation", operation.name().toLowerCase(Locale.ROOT));
    parts.put("the models", entries.identity());
    parts.put("the bundles", bundles.toString());
    parts.put("the serialization", serialization.toString());
    Optional.ofNullable(trusted)
        .ifPresent(who -> parts.put(CommandFingerprint.TRUST, ContentDigest.of(who)));
    Optional.ofNullable(signer)
        .ifPresent(who -> parts.put(CommandFingerprint.SIGNER, ContentDigest.of(who.identity())));
    return new CommandFingerprint(parts);
  }

  private static String workingFolder() {
    return Path.of("").toAbsolutePath().toString();
  }
}
