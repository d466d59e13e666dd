package dev.countersign.jobs.run;

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
import dev.countersign.trust.TrustException;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.SettingsSource;
import dev.countersign.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files of trust that a watch reads again: its policy, or its revocation lists. On a cluster they
 * are those that a URI names, since a path on this machine names nothing there.
 *
 * @param certificates what the lists belong to, with the lists that are not read again; null if
 *     there is a policy
 * @param files the policy, or the lists: paths, or URIs with a scheme
 * @param workingDirectory what a path is relative to; empty for a URI
 * @param sigstore the Sigstore instance of a policy without its own, which is not read again; null
 *     if it has its own or needs none
 */
record TrustFiles(
    @Nullable CertificateVerificationSettings certificates,
    List<String> files,
    String workingDirectory,
    @Nullable SigstoreInstance sigstore)
    implements SettingsSource {

  /**
   * Returns the files of a command that verifies; empty if nothing is to be read again.
   *
   * @param onCluster whether another process than this one reads them
   */
  static Optional<TrustFiles> of(
      ModelRunOptions options, @Nullable VerificationSettings trusted, boolean onCluster) {
    if (trusted instanceof PolicySettings policySettings) {
      SigstoreInstance named = SigstoreTrust.completing(policySettings, options).orElse(null);
      String policy = options.values().require(PolicyOptions.POLICY);
      if (StoreUri.hasScheme(policy)) {
        return Optional.of(new TrustFiles(null, List.of(policy), "", named));
      }
      return onCluster
          ? Optional.empty()
          : Optional.of(
              new TrustFiles(null, List.of(policy), options.workingDirectory().toString(), named));
    }
    if (trusted instanceof CertificateVerificationSettings certificates) {
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
              new TrustFiles(
                  certificates.withLists(others),
                  files,
                  onCluster ? "" : options.workingDirectory().toString(),
                  null));
    }
    return Optional.empty();
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

  @Override
  public VerificationSettings read() throws IOException {
    try {
      if (certificates == null) {
        PolicySettings policy = PolicyFile.reload(files.get(0), Path.of(workingDirectory));
        return sigstore == null || policy.sigstore() != null
            ? policy
            : policy.withSigstore(sigstore);
      }
      List<CrlFile> lists = lists(files);
      RevocationLists.requireUsableAgain(lists, certificates.trustedCertificates());
      return certificates.withLists(
          Stream.concat(certificates.revocationLists().stream(), lists.stream()).toList());
    } catch (PolicyException | TrustException | StorageException e) {
      throw new IOException(e.getMessage(), e);
    }
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
}
