package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.Operation;
import dev.countersign.verification.CertificateTime;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.RereadSettings;
import dev.countersign.verification.VerificationSettings;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run does with each model, as the planner needs it; shipped in the job, so it holds nothing
 * secret.
 *
 * @param operation what is done
 * @param runId identifies the run in results
 * @param serialization how models are hashed when signing or digesting, without ignored paths; when
 *     verifying, the bundle decides
 * @param ignorePaths paths to ignore as the user gave them, see {@code IgnoreRules}
 * @param ignoreGitPaths whether Git's four names at the root are ignored
 * @param workingDirectory what relative ignored paths are relative to, an absolute path
 * @param symlinkRoots folders outside a model that its links may lead to
 * @param signatureRoots URIs of folders below which a catalog or a label says where bundles go
 * @param ignoreUnsignedFiles whether files that are not signed pass verification
 * @param existingBundle what signing does where a bundle lies already
 * @param trusted verifying and signing again: whose signatures count; under {@link
 *     ExistingBundle#SKIP_IF_SIGNED} the signer's own; otherwise null
 * @param bounds what a bundle may not exceed
 * @param maxDepth how many folders deep a model may be
 * @param maxFiles how many files a model may have
 * @param maxFileBytes how many bytes one file may have
 * @param maxRecordedDifferences how many differences one result lists
 * @param resigning signing again: what changes, and who signs; otherwise null
 * @param incremental what is taken from earlier runs and kept for later ones
 */
public record PlanSettings(
    Operation operation,
    String runId,
    Serialization serialization,
    List<String> ignorePaths,
    boolean ignoreGitPaths,
    String workingDirectory,
    List<String> symlinkRoots,
    List<String> signatureRoots,
    boolean ignoreUnsignedFiles,
    ExistingBundle existingBundle,
    @Nullable VerificationSettings trusted,
    OmsBounds bounds,
    int maxDepth,
    long maxFiles,
    long maxFileBytes,
    int maxRecordedDifferences,
    @Nullable ResignSettings resigning,
    IncrementalSettings incremental)
    implements Serializable {

  /** What a result says of a check at another time than the present. */
  static final String CERTIFICATE_TIME = "certificate-time";

  /** What a result says of files that a catalog left out. */
  static final String ALLOW_CATALOG_IGNORES = "allow-catalog-ignores";

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if nobody is trusted and bundles are to be checked
   */
  public PlanSettings {
    boolean checks = checksBundles(operation) || existingBundle == ExistingBundle.SKIP_IF_SIGNED;
    if (checks && trusted == null) {
      throw new IllegalArgumentException("bundles cannot be checked without somebody to trust");
    }
    if ((operation == Operation.RESIGN) != (resigning != null)) {
      throw new IllegalArgumentException("what changes is said exactly for signing again");
    }
    if (operation == Operation.RESIGN && (ignoreUnsignedFiles || !ignorePaths.isEmpty())) {
      throw new IllegalArgumentException("whoever signs again lets nothing pass that was signed");
    }
    ignorePaths = List.copyOf(ignorePaths);
    symlinkRoots = List.copyOf(symlinkRoots);
    signatureRoots = List.copyOf(signatureRoots);
  }

  private static boolean checksBundles(Operation operation) {
    return operation == Operation.VERIFY || operation == Operation.RESIGN;
  }

  /**
   * Returns what to work on for an entry: a link that has a bundle of its own is a model where
   * bundles are checked.
   */
  public CatalogEntry workedOn(CatalogEntry entry) {
    return checksBundles(operation) ? entry.modelIfSignedItself() : entry;
  }

  /** The checks that the caller switched off, by the option that did. */
  List<String> weakened() {
    List<String> options = new ArrayList<>();
    if (operation == Operation.VERIFY && !ignorePaths.isEmpty()) {
      options.add("ignore-paths");
    }
    if (operation == Operation.VERIFY && ignoreUnsignedFiles) {
      options.add("ignore-unsigned-files");
    }
    VerificationSettings atStart =
        trusted instanceof RereadSettings reread ? reread.atStart() : trusted;
    if (operation == Operation.VERIFY
        && atStart instanceof CertificateVerificationSettings certificates
        && !certificates.time().equals(CertificateTime.NOW)) {
      options.add(CERTIFICATE_TIME);
    }
    return options;
  }
}
