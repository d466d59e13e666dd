package dev.countersign.options.settings;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.EntryRules;
import dev.countersign.catalog.watch.WatchSettings;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.listings.ListingFiles;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.CatalogOptions;
import dev.countersign.options.declarations.CertificateOptions;
import dev.countersign.options.declarations.KeyOptions;
import dev.countersign.options.declarations.LimitOptions;
import dev.countersign.options.declarations.ModelOptions;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.declarations.PolicyOptions;
import dev.countersign.options.declarations.RunOptions;
import dev.countersign.outcome.FailureLimit;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.Operation;
import dev.countersign.signing.KeyFilePlace;
import dev.countersign.signing.KeyPlace;
import dev.countersign.signing.TokenKeyPlace;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.planning.ResignSettings;
import dev.countersign.source.reading.RangeSettings;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.Storages;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import dev.countersign.verification.CertificateTime;
import dev.countersign.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.MemorySize;
import org.jspecify.annotations.Nullable;

/**
 * The options of a command that works on models, checked against each other and turned into the
 * settings of the packages that use them. Relative paths become absolute here. Immutable.
 *
 * @param values the options as they were given
 * @param workingDirectory what relative paths are relative to, absolute
 */
public record ModelRunOptions(OptionValues values, Path workingDirectory) {

  /** What a watch that looks seldom takes for its checkpoints. */
  private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(5);

  /**
   * Checks the options against each other.
   *
   * @throws UsageException if two of them don't go together, or one that is needed is missing
   */
  public ModelRunOptions {
    RunChecks.requireFitting(values);
    var unused = values.find(CertificateOptions.TSA_URL).map(ServiceOptions::serviceUrl);
  }

  /** Returns what is done with each model. */
  public Operation operation() {
    Command command = values.command();
    if (!command.worksOnModels()) {
      throw new IllegalStateException("works on no models");
    }
    if (command.signs()) {
      return command.resigns() ? Operation.RESIGN : Operation.SIGN;
    }
    return command.verifies() ? Operation.VERIFY : Operation.DIGEST;
  }

  /**
   * Returns what holds for the entries of a catalog, whatever it says.
   *
   * @param bundles where bundles lie of which it says nothing
   */
  public EntryRules entryRules(BundleTemplate bundles) {
    return new EntryRules(
        bundles,
        signatureRoots(),
        values.get(CatalogOptions.ALLOW_STORE).stream()
            .map(store -> StoreUri.parse(store).store())
            .toList(),
        catalogIgnores());
  }

  private List<String> signatureRoots() {
    return values.get(CatalogOptions.SIGNATURE_ROOT).stream()
        .map(folder -> Storages.absolute(folder, workingDirectory.toString()))
        .toList();
  }

  /** Folders that the caller named, below which a catalog or a label says where bundles go. */
  private List<String> bundleFolders() {
    List<String> folders = new ArrayList<>(signatureRoots());
    try {
      bundles().folder().ifPresent(folders::add);
    } catch (CatalogException e) {
      throw new UsageException(e.getMessage(), e);
    }
    return folders;
  }

  /**
   * Returns where bundles lie of which no catalog says anything.
   *
   * @throws CatalogException if the template is malformed
   */
  public BundleTemplate bundles() throws CatalogException {
    Optional<String> given = values.find(ModelOptions.SIGNATURE);
    return given.isPresent()
        ? BundleTemplate.parse(given.get(), workingDirectory.toString())
        : BundleTemplate.standard();
  }

  private EntryRules.Ignores catalogIgnores() {
    if (values.get(CatalogOptions.ALLOW_CATALOG_IGNORES)) {
      return EntryRules.Ignores.ALLOWED;
    }
    return switch (operation()) {
      case SIGN, DIGEST, UNKNOWN -> EntryRules.Ignores.REFUSED;
      // Only what is signed for the first time has no bundle that says what was left out.
      case RESIGN ->
          values.get(PolicyOptions.SIGN_UNSIGNED)
              ? EntryRules.Ignores.REFUSED
              : EntryRules.Ignores.SKIPPED;
      case VERIFY -> EntryRules.Ignores.SKIPPED;
    };
  }

  /**
   * Returns what the planner needs.
   *
   * @param runId identifies the run in results
   * @param trusted whose signatures count; null if the run checks none
   * @param own signing again: recognizes the signer; otherwise null
   * @throws UsageException if no listings are where --since says
   */
  public PlanSettings plan(
      String runId, @Nullable VerificationSettings trusted, @Nullable VerificationSettings own) {
    return new PlanSettings(
        operation(),
        runId,
        serialization(),
        new PlanSettings.Ignored(
            values.get(ModelOptions.IGNORE_PATHS),
            values.get(ModelOptions.IGNORE_GIT_PATHS),
            values.get(ModelOptions.IGNORE_UNSIGNED_FILES)),
        new PlanSettings.Folders(
            workingDirectory.toString(), files(ModelOptions.SYMLINK_ROOT), bundleFolders()),
        new PlanSettings.Bundles(existingBundle(), trusted, own == null ? null : resigning(own)),
        new PlanSettings.Limits(
            bounds(),
            values.get(LimitOptions.MAX_DEPTH),
            values.get(LimitOptions.MAX_FILES),
            maxFileBytes(),
            values.get(OutputOptions.MAX_RECORDED_DIFFERENCES)),
        new PlanSettings.Incremental(since(runId), values.get(RunOptions.RECORD_LISTINGS)));
  }

  /** What was given changes; the rest carries over from each bundle. */
  private ResignSettings resigning(VerificationSettings own) {
    return new ResignSettings(
        own,
        given(ModelOptions.HASH_ALGORITHM),
        given(ModelOptions.SERIALIZATION),
        values.isGiven(ModelOptions.SHARD_SIZE)
            ? values.get(ModelOptions.SHARD_SIZE).getBytes()
            : 0,
        values.get(PolicyOptions.TRUST_PREVIOUS_DIGESTS),
        values.get(PolicyOptions.SIGN_UNSIGNED));
  }

  private <T> @Nullable T given(DeclaredOption<T> option) {
    return values.isGiven(option) ? values.get(option) : null;
  }

  /** The files of listings of the earlier runs that --since names; none without it. */
  private List<String> since(String runId) {
    Optional<String> given = values.find(RunOptions.SINCE);
    if (given.isEmpty()) {
      return List.of();
    }
    String place = Storages.absolute(given.get(), workingDirectory.toString());
    FlinkPlaces.requireUsable(RunOptions.SINCE, place);
    try {
      return ListingFiles.before(runId, FlinkPlaces.inFlinksForm(place));
    } catch (IOException | RuntimeException e) {
      throw new UsageException("--since: " + e.getMessage(), e);
    }
  }

  /** Returns how much is planned ahead. */
  public WindowSettings window() {
    WindowSettings defaults = WindowSettings.defaults();
    return new WindowSettings(
        values.find(RunOptions.WINDOW_MODELS).orElse(defaults.models()),
        values.find(RunOptions.WINDOW_SIZE).map(MemorySize::getBytes).orElse(defaults.bytes()),
        values.find(RunOptions.PLANNERS).orElse(0),
        defaults.unitBytes(),
        defaults.unitRanges(),
        defaults.unitSerializedBytes());
  }

  /** Returns how readers read. */
  public ReadSettings read() {
    return new ReadSettings(
        values.get(RunOptions.LANES),
        values.get(RunOptions.READ_DEPTH),
        Math.toIntExact(values.get(RunOptions.BUFFER_SIZE).getBytes()),
        values.get(RunOptions.STALL_TIMEOUT),
        values.get(ModelOptions.ALLOW_LFS_POINTERS),
        values.get(RunOptions.HASH_KERNEL),
        new RangeSettings(
            Math.toIntExact(values.get(RunOptions.RANGE_SIZE).getBytes()),
            values.get(RunOptions.RETRIES)),
        values.find(RunOptions.MAX_READ_RATE).map(MemorySize::getBytes).orElse(0L));
  }

  /** Returns what is done about faults. */
  public FaultSettings faults() {
    FailureLimit limit =
        values.find(RunOptions.MAX_FAILURES).flatMap(FailureLimit::parse).orElse(FailureLimit.NONE);
    return FaultSettings.defaults().with(values.get(RunOptions.RETRIES), limit);
  }

  /** Returns how a shard's algorithm is spelled. */
  public ShardAlgorithm shardAlgorithm() {
    return values.get(ModelOptions.SHARD_ALGORITHM);
  }

  /** Returns where the private key is kept. The run must be one that signs with a key. */
  public KeyPlace privateKey() {
    if (KeyOptions.PKCS11_URI.commands().contains(values.command())) {
      return new TokenKeyPlace(
          RunChecks.tokenKey(values),
          PassphraseSource.pin("", values.find(KeyOptions.PIN_ENV).orElse("")),
          files(KeyOptions.MODULE_PATHS));
    }
    return new KeyFilePlace(
        absolute(KeyOptions.PRIVATE_KEY, values.require(KeyOptions.PRIVATE_KEY)),
        passphrase(PassphraseSource.Kind.PASSPHRASE, values, workingDirectory));
  }

  /**
   * Returns the folder that lets the run go on after its process ended, absolute; empty if none was
   * named.
   *
   * @throws UsageException if it is on no local disk
   */
  public Optional<Path> state() {
    return values
        .find(RunOptions.STATE)
        .map(
            folder -> {
              boolean isUri = StoreUri.isAbsolute(folder);
              String path = isUri ? StoreUri.parse(folder).toString() : folder;
              if (isUri && !path.startsWith("/")) {
                throw UsageException.of(
                    "--state is '%s', and must be a folder on a local disk, on which files can be"
                        + " locked.",
                    Printable.of(folder));
              }
              return Path.of(absolute(RunOptions.STATE, path));
            });
  }

  /** Returns the files that an option names, absolute, in the order given. */
  public List<String> files(DeclaredOption<List<String>> option) {
    return values.get(option).stream().map(file -> absolute(option, file)).toList();
  }

  /** As {@link #files}, of an option that also takes URIs with a scheme; those stay as they are. */
  public List<String> filesOrUris(DeclaredOption<List<String>> option) {
    return values.get(option).stream()
        .map(file -> StoreUri.hasScheme(file) ? file : absolute(option, file))
        .toList();
  }

  /** Returns the file with the signer's certificate, absolute; empty if none was named. */
  public Optional<String> signingCertificateFile() {
    return values
        .find(CertificateOptions.SIGNING_CERTIFICATE)
        .map(file -> absolute(CertificateOptions.SIGNING_CERTIFICATE, file));
  }

  /** Returns when certificates must be valid. */
  public CertificateTime certificateTime() {
    return CertificateTime.parse(values.get(CertificateOptions.CERTIFICATE_TIME)).orElseThrow();
  }

  /** Returns the services that sign or timestamp. */
  public ServiceOptions services() {
    return new ServiceOptions(values, workingDirectory);
  }

  /** Returns how models are watched; empty if they are not. */
  public Optional<WatchSettings> watch() {
    return values
        .find(CatalogOptions.WATCH)
        .map(
            interval ->
                new WatchSettings(
                    interval,
                    values.get(CatalogOptions.SETTLE),
                    values.find(CatalogOptions.COMPLETE_MARKER).orElse("")));
  }

  /**
   * Returns how often results are committed: when watching, as often as models are looked at,
   * unless something else was asked for, or each look would leave several small files.
   */
  public Duration checkpointInterval() {
    Duration interval = values.get(RunOptions.CHECKPOINT_INTERVAL);
    return watch()
        .map(WatchSettings::interval)
        .filter(look -> !values.isGiven(RunOptions.CHECKPOINT_INTERVAL))
        .filter(look -> look.compareTo(interval) > 0)
        .map(look -> look.compareTo(LONGEST_INTERVAL) > 0 ? LONGEST_INTERVAL : look)
        .orElse(interval);
  }

  /** Returns what signing does where a bundle lies already. */
  public ExistingBundle existingBundle() {
    if (values.get(ModelOptions.NO_OVERWRITE)) {
      return ExistingBundle.REFUSE;
    }
    boolean watches = values.command().signs() && watch().isPresent();
    return watches || values.get(ModelOptions.SKIP_SIGNED)
        ? ExistingBundle.SKIP_IF_SIGNED
        : ExistingBundle.REPLACE;
  }

  private Serialization serialization() {
    Serialization cut =
        values.get(ModelOptions.SERIALIZATION) == SerializationMethod.SHARDS
            ? Serialization.shards(
                values.get(ModelOptions.HASH_ALGORITHM),
                values.get(ModelOptions.SHARD_SIZE).getBytes())
            : Serialization.files(values.get(ModelOptions.HASH_ALGORITHM));
    return cut.withAllowSymlinks(values.get(ModelOptions.ALLOW_SYMLINKS));
  }

  /** Returns what a bundle may not exceed. */
  public OmsBounds bounds() {
    return bounds(values);
  }

  /** Returns what a bundle may not exceed under the options of any command that reads one. */
  public static OmsBounds bounds(OptionValues values) {
    return new OmsBounds(
        values.get(LimitOptions.MAX_BUNDLE_SIZE).getBytes(),
        values.get(LimitOptions.MAX_RESOURCES),
        values.get(LimitOptions.MAX_JSON_DEPTH),
        values.get(LimitOptions.MAX_NAME_BYTES),
        values.get(LimitOptions.MAX_CERTIFICATES));
  }

  private long maxFileBytes() {
    return values.find(LimitOptions.MAX_FILE_SIZE).map(MemorySize::getBytes).orElse(Long.MAX_VALUE);
  }

  static PassphraseSource passphrase(
      PassphraseSource.Kind kind, OptionValues values, Path workingDirectory) {
    return new PassphraseSource(
        kind,
        values
            .find(KeyOptions.PASSWORD_FILE)
            .map(file -> absolute(KeyOptions.PASSWORD_FILE, file, workingDirectory))
            .orElse(""),
        values.find(KeyOptions.PASSWORD_ENV).orElse(""));
  }

  private String absolute(DeclaredOption<?> option, String path) {
    return absolute(option, path, workingDirectory);
  }

  static String absolute(DeclaredOption<?> option, String path, Path workingDirectory) {
    if (StoreUri.hasScheme(path)) {
      String local = StoreUri.parse(path).toString();
      if (local.startsWith("/")) {
        return local;
      }
      throw UsageException.of(
          "%s is '%s', and must be a path on this machine.", option.flag(), Printable.of(path));
    }
    try {
      return workingDirectory.resolve(path).normalize().toString();
    } catch (InvalidPathException e) {
      throw UsageException.of(
          e,
          "%s is '%s', which is not a valid path on this machine.",
          option.flag(),
          Printable.of(path));
    }
  }
}
