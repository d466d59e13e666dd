package dev.countersign.jobs.run;

import dev.countersign.options.CertificateOptions;
import dev.countersign.options.ModelRunOptions;
import dev.countersign.options.PolicyOptions;
import dev.countersign.policy.PolicyException;
import dev.countersign.policy.PolicyFile;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.SettingsSource;
import dev.countersign.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Files of trust that a watch in this process reads again: its policy, or its revocation lists.
 *
 * @param certificates what the lists belong to, without them; null if there is a policy
 * @param files the policy, or the lists
 * @param workingDirectory what the policy's name is relative to
 */
record TrustFiles(
    @Nullable CertificateVerificationSettings certificates,
    List<String> files,
    String workingDirectory)
    implements SettingsSource {

  /** Returns the files of a command that verifies; empty if nothing is to be read again. */
  static Optional<TrustFiles> of(ModelRunOptions options, @Nullable VerificationSettings trusted) {
    String workingDirectory = options.workingDirectory().toString();
    if (trusted instanceof PolicySettings) {
      String policy = options.values().demand(PolicyOptions.POLICY);
      return Optional.of(new TrustFiles(null, List.of(policy), workingDirectory));
    }
    if (trusted instanceof CertificateVerificationSettings certificates
        && !certificates.revocationLists().isEmpty()) {
      return Optional.of(
          new TrustFiles(
              certificates.withLists(List.of()),
              options.files(CertificateOptions.CRL),
              workingDirectory));
    }
    return Optional.empty();
  }

  @Override
  public VerificationSettings read() throws IOException {
    try {
      return certificates == null
          ? PolicyFile.load(files.get(0), Path.of(workingDirectory))
          : certificates.withLists(lists(files, certificates));
    } catch (PolicyException | TrustException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Reads lists that must be up to date, and signed where their issuer is trusted. */
  static List<CrlFile> lists(List<String> files, CertificateVerificationSettings certificates)
      throws TrustException {
    List<CrlFile> lists = new ArrayList<>();
    for (String file : files) {
      lists.add(CrlFile.load(file));
    }
    RevocationLists unused = RevocationLists.of(lists, certificates.trustedCertificates());
    return lists;
  }
}
