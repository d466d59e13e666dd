package dev.countersign.jobs.run;

import dev.countersign.http.HttpSettings;
import dev.countersign.jobs.run.InstanceSource.Named;
import dev.countersign.jobs.run.InstanceSource.NamedPair;
import dev.countersign.jobs.run.InstanceSource.Published;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.KeylessOptions;
import dev.countersign.options.declarations.SigstoreOptions;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.signing.KeylessSigning;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.signing.SigstoreSigningSettings.ExpectedIdentity;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreInstances;
import dev.countersign.trust.SigstoreLibraries;
import dev.countersign.trust.SigstoreRepository;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.PolicyAcceptance.Identity;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.SigstoreVerificationSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    SigstoreInstance instance = source(options).read();
    SigstoreLibraries.load(SigstoreInstances.class).requireUsable(instance);
    return new SigstoreVerificationSettings(instance, identities(options.values()));
  }

  private static List<Identity> identities(OptionValues values) {
    List<String> exact = values.get(SigstoreOptions.IDENTITY);
    boolean isPattern = exact.isEmpty();
    List<String> names = isPattern ? values.get(SigstoreOptions.IDENTITY_REGEXP) : exact;
    List<String> providers = values.get(SigstoreOptions.IDENTITY_PROVIDER);
    List<Identity> identities = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      identities.add(new Identity(new NameRule(names.get(i), isPattern), providers.get(i)));
    }
    return identities;
  }

  /**
   * Returns how models are signed. What can be refused without a network is refused before it is
   * used.
   *
   * @param signsHere whether the run signs in this process
   * @param begins whether the run begins in this process, so that its token is read here
   * @param recognizesOwn whether bundles of the run's own signer have to be told from others
   * @throws TrustException if the instance cannot be used, or Sigstore's libraries are missing
   * @throws StorageException if a file cannot be read
   * @throws SigningException if no token can be used
   * @throws UsageException if an instance is named in part, or no identity where one is needed
   */
  static RunTrust signing(
      ModelRunOptions options, boolean signsHere, boolean begins, boolean recognizesOwn)
      throws TrustException, StorageException, SigningException {
    OptionValues values = options.values();
    InstanceSource source = signingSource(options);
    if (recognizesOwn && values.get(SigstoreOptions.IDENTITY).isEmpty()) {
      throw UsageException.of(
          "%s has to recognize what this signer signed before. Say who that is with --identity and"
              + " --identity-provider.",
          values.command().resigns() ? values.command().words() : "Skipping signed models");
    }
    if (begins) {
      requireToken(options);
    }
    SigstoreInstance instance = source.read();
    SigstoreSigningSettings described = options.services().sigstore(instance);
    SigstoreLibraries.load(KeylessSigning.class).requireUsable(described);
    InstanceSource again = signsHere ? source : source.forCluster(instance);
    SigstoreSigningSettings settings =
        options.watch().isPresent() && (signsHere || again.isShared())
            ? described.readAgain(again)
            : described;
    if (!recognizesOwn) {
      return new RunTrust(null, Optional.of(settings));
    }
    ExpectedIdentity own = settings.expected();
    return new RunTrust(
        SigstoreVerificationSettings.ofOne(settings.instance(), own.identity(), own.provider()),
        Optional.of(settings));
  }

  /**
   * Requires that this process has a token, so that a run fails before it starts.
   *
   * @throws TrustException if Sigstore's libraries are missing
   * @throws SigningException if no token can be used
   */
  static void requireToken(ModelRunOptions options) throws TrustException, SigningException {
    SigstoreLibraries.load(KeylessSigning.class).requireToken(options.services().identityToken());
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
    if (named(options).isPresent() && policy.sigstore() != null) {
      throw new UsageException(
          "The policy has sigstore-trusted-root, and the options name an instance as well. Choose"
              + " one.");
    }
    if (!policy.acceptsIdentities()) {
      return policy;
    }
    SigstoreInstance own = policy.sigstore();
    SigstoreInstance used = own != null ? own : source(options).read();
    SigstoreLibraries.load(SigstoreInstances.class).requireUsable(used);
    return policy.withSigstore(used);
  }

  /**
   * Returns where the instance is described whose signatures count: one that is named, or public.
   */
  static InstanceSource source(ModelRunOptions options) {
    Optional<Named> named = named(options);
    return named.isPresent() ? named.get() : published(options);
  }

  /**
   * Returns where the instance is described that is signed with: one that is named, or public.
   *
   * @throws UsageException if it is named in part
   */
  static InstanceSource signingSource(ModelRunOptions options) {
    Optional<Named> root = named(options);
    Optional<Named> config =
        options.values().isGiven(SigstoreOptions.TRUST_CONFIG)
            ? root
            : named(options, KeylessOptions.SIGNING_CONFIG);
    if (root.isPresent() != config.isPresent()) {
      throw new UsageException(
          "--trusted-root and --signing-config describe one Sigstore instance together. Give both,"
              + " or --trust-config.");
    }
    return root.isPresent() ? new NamedPair(root.get(), config.orElseThrow()) : published(options);
  }

  /** Returns the file with the trusted root; empty if none is named. */
  private static Optional<Named> named(ModelRunOptions options) {
    return named(options, SigstoreOptions.TRUST_CONFIG)
        .or(() -> named(options, SigstoreOptions.TRUSTED_ROOT));
  }

  private static Optional<Named> named(ModelRunOptions options, DeclaredOption<String> option) {
    return options
        .values()
        .find(option)
        .map(
            name ->
                new Named(
                    option.flag(),
                    name,
                    Storages.absolute(name, options.workingDirectory().toString())));
  }

  /** Returns the repository of the public instance, which counts where none is named. */
  private static Published published(ModelRunOptions options) {
    OptionValues values = options.values();
    return new Published(
        values.get(SigstoreOptions.USE_STAGING)
            ? SigstoreRepository.STAGING
            : SigstoreRepository.PUBLIC,
        values.get(SigstoreOptions.OFFLINE),
        new HttpSettings(options.services().authorities(), DOWNLOAD_TIMEOUT));
  }
}
