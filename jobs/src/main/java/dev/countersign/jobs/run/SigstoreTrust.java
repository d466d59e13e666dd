package dev.countersign.jobs.run;

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
import dev.countersign.trust.TrustException;
import dev.countersign.verification.PolicyAcceptance.Identity;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.SigstoreVerificationSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what the options say about Sigstore. */
final class SigstoreTrust {

  private SigstoreTrust() {}

  /**
   * Returns whose Sigstore signatures count.
   *
   * @throws TrustException if the instance cannot be used, or Sigstore's libraries are missing
   * @throws StorageException if a file cannot be read
   * @throws UsageException if no instance is named
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
    SigstoreInstance instance =
        instance(options)
            .orElseThrow(
                () ->
                    new UsageException(
                        "verify sigstore needs --trust-config FILE or --trusted-root FILE: the"
                            + " Sigstore instance whose signatures count."));
    SigstoreLibraries.load(SigstoreInstances.class).requireUsable(instance);
    return new SigstoreVerificationSettings(instance, identities);
  }

  /**
   * Returns how models are signed.
   *
   * @param recognizesOwn whether bundles of the run's own signer have to be told from others
   * @throws TrustException if the instance cannot be used, or Sigstore's libraries are missing
   * @throws StorageException if a file cannot be read
   * @throws UsageException if no instance is named, or no identity where one is needed
   */
  static RunTrust signing(ModelRunOptions options, boolean recognizesOwn)
      throws TrustException, StorageException {
    OptionValues values = options.values();
    Optional<SigstoreFile> root = file(options, SigstoreOptions.TRUST_CONFIG);
    if (root.isEmpty()) {
      root = file(options, SigstoreOptions.TRUSTED_ROOT);
    }
    Optional<SigstoreFile> config =
        values.isGiven(SigstoreOptions.TRUST_CONFIG)
            ? root
            : file(options, KeylessOptions.SIGNING_CONFIG);
    if (root.isEmpty() || config.isEmpty()) {
      throw UsageException.of(
          "%s needs --trust-config FILE, or --trusted-root FILE and --signing-config FILE: the"
              + " Sigstore instance to sign with.",
          values.command().words());
    }
    SigstoreSigningSettings settings =
        options.services().sigstore(new SigstoreInstance(root.get(), config.get()));
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
        new SigstoreVerificationSettings(
            settings.instance(),
            List.of(new Identity(new NameRule(own.identity(), false), own.provider()))),
        Optional.of(settings));
  }

  /**
   * Returns a policy with the instance that the options name, if the policy names none itself.
   *
   * @throws TrustException if the instance cannot be used, or Sigstore's libraries are missing
   * @throws StorageException if a file cannot be read
   * @throws UsageException if both name one, or none of them does where a rule needs one
   */
  static PolicySettings policy(PolicySettings policy, ModelRunOptions options)
      throws TrustException, StorageException {
    Optional<SigstoreInstance> named = instance(options);
    if (named.isPresent() && policy.sigstore() != null) {
      throw new UsageException(
          "The policy has sigstore-trusted-root, and the options name an instance as well. Choose"
              + " one.");
    }
    PolicySettings complete = named.map(policy::withSigstore).orElse(policy);
    if (!complete.acceptsIdentities()) {
      return policy;
    }
    if (complete.sigstore() == null) {
      throw new UsageException(
          "A rule of the policy accepts identities of Sigstore. Name the instance whose signatures"
              + " count with sigstore-trusted-root in the policy, --trusted-root or"
              + " --trust-config.");
    }
    SigstoreLibraries.load(SigstoreInstances.class).requireUsable(complete.sigstore());
    return complete;
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
