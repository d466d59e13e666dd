package dev.countersign.jobs.run;

import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.CertificateOptions;
import dev.countersign.options.declarations.PolicyOptions;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.policy.PolicyException;
import dev.countersign.policy.PolicyFile;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.StoreUri;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreInstances;
import dev.countersign.trust.SigstoreLibraries;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.PolicyAcceptance.Identity;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.SettingsSource;
import dev.countersign.verification.SigstoreVerificationSettings;
import dev.countersign.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files of trust that a watch reads again: its policy, its revocation lists, or Sigstore's trusted
 * root. On a cluster they are those that a URI names, since a path on this machine names nothing
 * there.
 */
sealed interface TrustFiles extends SettingsSource {

  /**
   * Returns the files of a command that verifies; empty if nothing is to be read again.
   *
   * @param onCluster whether another process than this one reads them
   */
  static Optional<TrustFiles> of(
      ModelRunOptions options, @Nullable VerificationSettings trusted, boolean onCluster) {
    if (trusted instanceof PolicySettings policy) {
      return Policy.of(options, policy, onCluster);
    }
    if (trusted instanceof CertificateVerificationSettings certificates) {
      return Lists.of(options, certificates, onCluster);
    }
    if (trusted instanceof SigstoreVerificationSettings sigstore) {
      boolean signs = options.values().command().signs();
      InstanceSource here =
          signs ? SigstoreTrust.signingSource(options) : SigstoreTrust.source(options);
      return Optional.of(onCluster ? here.forCluster(sigstore.instance()) : here)
          .filter(source -> !onCluster || source.isShared())
          .map(
              source ->
                  new Identities(
                      sigstore.identities(), source, signs ? sigstore.instance() : null));
    }
    return Optional.empty();
  }

  /**
   * Returns what is read, by name, and what is not read again, for a fingerprint. How it is read,
   * such as with {@code --ca-file} or {@code --offline}, is no part: a run may go on with others.
   */
  Object identity();

  /**
   * Reads an instance again. What was read before stays if it cannot be read or used.
   *
   * @param before what was read last; null if nothing was
   * @param without the policy, which holds without an instance; null if nothing does
   * @param settings makes the settings of an instance
   */
  private static Reading readAgain(
      InstanceSource source,
      @Nullable SigstoreInstance before,
      @Nullable PolicySettings without,
      Function<SigstoreInstance, VerificationSettings> settings)
      throws IOException {
    try {
      SigstoreInstance instance = source.read();
      if (!instance.equals(before)) {
        SigstoreLibraries.load(SigstoreInstances.class).requireUsable(instance);
      }
      return new Reading(settings.apply(instance), "");
    } catch (TrustException | StorageException | UsageException e) {
      if (before != null) {
        return new Reading(settings.apply(before), String.valueOf(e.getMessage()));
      }
      String fault = e.getMessage() + source.remedy();
      if (without == null) {
        throw new IOException(fault, e);
      }
      return new Reading(without.withoutSigstore(fault), fault);
    }
  }

  /** Reads the settings, with the failures that reading them has at the start. */
  VerificationSettings load() throws PolicyException, TrustException, StorageException;

  @Override
  default VerificationSettings read() throws IOException {
    try {
      return load();
    } catch (PolicyException | TrustException | StorageException | UsageException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Returns the files of revocation lists as absolute paths or URIs, paths first: those are what a
   * cluster does not read again, and lists that are equal in content must be so in order.
   */
  static List<String> listFiles(ModelRunOptions options) {
    return options.filesOrUris(CertificateOptions.CRL).stream()
        .sorted(Comparator.comparing(StoreUri::hasScheme))
        .toList();
  }

  /**
   * Reads revocation lists as they are.
   *
   * @param files absolute paths, or URIs with a scheme
   */
  static List<CrlFile> lists(List<String> files) throws TrustException, StorageException {
    List<CrlFile> lists = new ArrayList<>();
    for (String file : files) {
      lists.add(
          StoreUri.hasScheme(file)
              ? new CrlFile(
                  file, Storages.readFully(Storages.absolute(file, "/"), CrlFile.MAX_MEBIBYTES))
              : CrlFile.load(file));
    }
    return lists;
  }

  /**
   * Policy.
   *
   * @param fixed the policy of the start, without an instance, which is not read again; null if it
   *     is
   * @param file the policy: a path, or a URI with a scheme; empty if it is not read again
   * @param workingDirectory what a path is relative to; empty for a URI
   * @param sigstore the Sigstore instance of a policy without its own
   */
  record Policy(
      @Nullable PolicySettings fixed, String file, String workingDirectory, InstanceSource sigstore)
      implements TrustFiles {

    static Optional<TrustFiles> of(
        ModelRunOptions options, PolicySettings atStart, boolean onCluster) {
      InstanceSource here = SigstoreTrust.source(options);
      SigstoreInstance instance = atStart.sigstore();
      SigstoreInstance completed = instance != null && here.isOf(instance) ? instance : null;
      InstanceSource source = onCluster ? here.forCluster(completed) : here;
      String file = options.values().require(PolicyOptions.POLICY);
      if (onCluster && !StoreUri.hasScheme(file)) {
        return completed != null && source.isShared()
            ? Optional.of(
                new Policy(
                    new PolicySettings(atStart.rules(), atStart.deniedFingerprints()),
                    "",
                    "",
                    source))
            : Optional.empty();
      }
      return Optional.of(
          new Policy(
              null,
              file,
              StoreUri.hasScheme(file) ? "" : options.workingDirectory().toString(),
              onCluster && !source.isShared()
                  ? new InstanceSource.Fixed(completed != null ? completed : read(here), null)
                  : source));
    }

    /** Reads, for a cluster, what the policy does not need yet. */
    private static SigstoreInstance read(InstanceSource source) {
      try {
        SigstoreInstance instance = source.read();
        SigstoreLibraries.load(SigstoreInstances.class).requireUsable(instance);
        return instance;
      } catch (TrustException | StorageException e) {
        throw new UsageException(String.valueOf(e.getMessage()), e);
      }
    }

    @Override
    public PolicySettings load() throws PolicyException, TrustException, StorageException {
      PolicySettings policy = policy();
      return policy.lacksSigstore() ? policy.withSigstore(sigstore.read()) : policy;
    }

    @Override
    public Object identity() {
      return Arrays.asList(fixed, file, workingDirectory, sigstore.identity());
    }

    /**
     * A new policy holds, and denies whom it denies, while the instance cannot be read: with the
     * one that was read last, or without any. After a failure it is waited for, unless it is one
     * that the start should have taken along.
     */
    @Override
    public Reading readAgain(@Nullable VerificationSettings last) throws IOException {
      PolicySettings policy;
      try {
        policy = policy();
      } catch (PolicyException | TrustException | StorageException e) {
        throw new IOException(e.getMessage(), e);
      }
      if (!policy.lacksSigstore()) {
        return new Reading(policy, "");
      }
      SigstoreInstance before = last instanceof PolicySettings then ? then.sigstore() : null;
      return TrustFiles.readAgain(
          sigstore,
          before != null && sigstore.isOf(before) ? before : null,
          last == null && !(sigstore instanceof InstanceSource.Fixed) ? null : policy,
          policy::withSigstore);
    }

    private PolicySettings policy() throws PolicyException, TrustException, StorageException {
      return fixed != null ? fixed : PolicyFile.reload(file, Path.of(workingDirectory));
    }
  }

  /**
   * Revocation lists.
   *
   * @param certificates what the lists belong to, with the lists that are not read again
   * @param files paths, or URIs with a scheme
   * @param workingDirectory what a path is relative to; empty for a URI
   */
  record Lists(
      CertificateVerificationSettings certificates, List<String> files, String workingDirectory)
      implements TrustFiles {

    static Optional<TrustFiles> of(
        ModelRunOptions options, CertificateVerificationSettings certificates, boolean onCluster) {
      List<String> files =
          listFiles(options).stream()
              .filter(file -> !onCluster || StoreUri.hasScheme(file))
              .toList();
      List<CrlFile> others =
          certificates.revocationLists().stream()
              .filter(list -> !files.contains(list.source()))
              .toList();
      return files.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Lists(
                  certificates.withLists(others),
                  files,
                  onCluster ? "" : options.workingDirectory().toString()));
    }

    @Override
    public Object identity() {
      return this;
    }

    @Override
    public CertificateVerificationSettings load() throws TrustException, StorageException {
      List<CrlFile> lists = lists(files);
      RevocationLists.requireUsableAgain(lists, certificates.trustedCertificates());
      return certificates.withLists(
          Stream.concat(certificates.revocationLists().stream(), lists.stream()).toList());
    }
  }

  /**
   * Trusted root of a Sigstore instance.
   *
   * @param identities whose signatures count; when signing, those of the run's own signer
   * @param own when signing, the instance of the start, which is used if it cannot be read again:
   *     to recognize the run's own bundles is all that it does; otherwise null
   */
  record Identities(
      List<Identity> identities, InstanceSource source, @Nullable SigstoreInstance own)
      implements TrustFiles {

    @Override
    public Object identity() {
      return List.of(identities, source.identity());
    }

    @Override
    public SigstoreVerificationSettings load() throws TrustException, StorageException {
      return new SigstoreVerificationSettings(source.read(), identities);
    }

    @Override
    public Reading readAgain(@Nullable VerificationSettings last) throws IOException {
      return TrustFiles.readAgain(
          source,
          last instanceof SigstoreVerificationSettings then ? then.instance() : own,
          null,
          instance -> new SigstoreVerificationSettings(instance, identities));
    }
  }
}
