package dev.countersign.jobs.run;

import dev.countersign.http.HttpSettings;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.KeylessOptions;
import dev.countersign.options.declarations.SigstoreOptions;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.signing.KeylessSigning;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.signing.SigstoreSigningSettings.ExpectedIdentity;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreInstances;
import dev.countersign.trust.SigstoreLibraries;
import dev.countersign.trust.SigstoreRepository;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.PolicyAcceptance.Identity;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.SigstoreVerificationSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what the options say about Sigstore. */
final class SigstoreTrust {

  /** Maximum time for one file of a TUF repository. */
  private static final Duration DOWNLOAD_TIMEOUT = Duration.ofSeconds(30);

  private SigstoreTrust() {}

  /**
   * Returns whose Sigstore signatures count.
   *
   * @throws TrustException if the instance cannot be used, or Sigstore's libraries are missing
   * @throws StorageException if a file cannot be read
   */
  static SigstoreVerificationSettings verification(ModelRunOptions options)
      throws TrustException, StorageException {
    OptionValues values = options.values();
    List<String> exact = values.get(SigstoreOptions.IDENTITY);
    boolean isPattern = exact.isEmpty();
    List<String> names = isPattern ? values.get(SigstoreOptions.IDENTITY_REGEXP) : exact;
    List<String> providers = values.get(SigstoreOptions.IDENTITY_PROVIDER);
    List<Identity> identities = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      identities.add(new Identity(new NameRule(names.get(i), isPattern), providers.get(i)));
    }
    Optional<SigstoreInstance> named = instance(options);
    SigstoreInstance instance = named.isPresent() ? named.get() : published(options);
    SigstoreLibraries.load(SigstoreInstances.class).requireUsable(instance);
    return new SigstoreVerificationSettings(instance, identities);
  }

  /**
   * Returns how models are signed.
   *
   * @param recognizesOwn whether bundles of the run's own signer have to be told from others
   * @throws TrustException if the instance cannot be used, or Sigstore's libraries are missing
   * @throws StorageException if a file cannot be read
   * @throws UsageException if an instance is named in part, or no identity where one is needed
   */
  static RunTrust signing(ModelRunOptions options, boolean recognizesOwn)
      throws TrustException, StorageException {
    OptionValues values = options.values();
    Optional<SigstoreFile> root = instance(options).map(SigstoreInstance::trustedRoot);
    Optional<SigstoreFile> config =
        values.isGiven(SigstoreOptions.TRUST_CONFIG)
            ? root
            : file(options, KeylessOptions.SIGNING_CONFIG);
    if (root.isPresent() != config.isPresent()) {
      throw new UsageException(
          "--trusted-root and --signing-config describe one Sigstore instance together. Give both,"
              + " or --trust-config.");
    }
    SigstoreSigningSettings settings =
        options
            .services()
            .sigstore(
                root.isPresent()
                    ? new SigstoreInstance(root.get(), config.get())
                    : published(options));
    SigstoreLibraries.load(KeylessSigning.class).requireUsable(settings);
    if (!recognizesOwn) {
      return new RunTrust(null, Optional.of(settings));
    }
    ExpectedIdentity own = settings.expected();
    if (own.identity().isEmpty()) {
      throw UsageException.of(
          "%s has to recognize what this signer signed before. Say who that is with --identity and"
              + " --identity-provider.",
          values.command().resigns() ? values.command().words() : "Skipping signed models");
    }
    return new RunTrust(
        SigstoreVerificationSettings.ofOne(settings.instance(), own.identity(), own.provider()),
        Optional.of(settings));
  }

  /**
   * Returns a policy with the instance that the options name, or the public one, if the policy
   * names none itself and a rule needs one.
   *
   * @throws TrustException if the instance cannot be used, or Sigstore's libraries are missing
   * @throws StorageException if a file cannot be read
   * @throws UsageException if both name one
   */
  static PolicySettings policy(PolicySettings policy, ModelRunOptions options)
      throws TrustException, StorageException {
    Optional<SigstoreInstance> named = instance(options);
    if (named.isPresent() && policy.sigstore() != null) {
      throw new UsageException(
          "The policy has sigstore-trusted-root, and the options name an instance as well. Choose"
              + " one.");
    }
    if (!policy.acceptsIdentities()) {
      return policy;
    }
    SigstoreInstance own = policy.sigstore();
    SigstoreInstance used =
        own != null ? own : named.isPresent() ? named.get() : published(options);
    SigstoreLibraries.load(SigstoreInstances.class).requireUsable(used);
    return policy.withSigstore(used);
  }

  /**
   * Returns the instance that {@link #policy} gave to a policy; empty if the policy has its own.
   */
  static Optional<SigstoreInstance> completing(PolicySettings complete, ModelRunOptions options) {
    SigstoreInstance instance = complete.sigstore();
    if (instance == null) {
      return Optional.empty();
    }
    boolean isNamed =
        options.values().find(SigstoreOptions.TRUSTED_ROOT).isPresent()
            || options.values().find(SigstoreOptions.TRUST_CONFIG).isPresent();
    boolean isPublished =
        Arrays.stream(SigstoreRepository.values())
            .anyMatch(one -> instance.trustedRoot().source().startsWith(one.mirror().toString()));
    return isNamed || isPublished ? Optional.of(instance) : Optional.empty();
  }

  /** Returns the instance whose signatures count; empty if none is named. */
  static Optional<SigstoreInstance> instance(ModelRunOptions options) throws StorageException {
    for (DeclaredOption<String> option :
        List.of(SigstoreOptions.TRUST_CONFIG, SigstoreOptions.TRUSTED_ROOT)) {
      Optional<SigstoreFile> named = file(options, option);
      if (named.isPresent()) {
        return Optional.of(new SigstoreInstance(named.get(), null));
      }
    }
    return Optional.empty();
  }

  /** Returns the public instance, which counts where none is named. */
  private static SigstoreInstance published(ModelRunOptions options) throws TrustException {
    OptionValues values = options.values();
    SigstoreInstances instances = SigstoreLibraries.load(SigstoreInstances.class);
    SigstoreRepository repository =
        values.get(SigstoreOptions.USE_STAGING)
            ? SigstoreRepository.STAGING
            : SigstoreRepository.PUBLIC;
    Path cache = cacheFolder(System.getenv());
    return values.get(SigstoreOptions.OFFLINE)
        ? instances.cached(repository, cache)
        : instances.download(
            repository,
            cache,
            new HttpSettings(options.services().authorities(), DOWNLOAD_TIMEOUT));
  }

  /** Returns the folder for copies of TUF repositories, in this user's cache. */
  static Path cacheFolder(Map<String, String> environment) {
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    // A relative path there does not count (XDG Base Directory Specification).
    Path base =
        cache.startsWith("/") ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
    if (!base.isAbsolute()) {
      // Such as "?", for a user without an entry in the system's list: that would be any folder.
      throw new UsageException(
          "This user has no home folder for copies of Sigstore's trusted roots. Set XDG_CACHE_HOME"
              + " to a folder that only this user can write to, or name the instance's files.");
    }
    return base.resolve("countersign").resolve("sigstore");
  }

  private static Optional<SigstoreFile> file(ModelRunOptions options, DeclaredOption<String> option)
      throws StorageException {
    Optional<String> named = options.values().find(option);
    if (named.isEmpty()) {
      return Optional.empty();
    }
    String uri = Storages.absolute(named.get(), options.workingDirectory().toString());
    return Optional.of(
        new SigstoreFile(named.get(), Storages.readFully(uri, SigstoreFile.MAX_MEBIBYTES)));
  }
}
