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
 * @param ignored what is left out of models
 * @param folders what paths are relative to or may lead to
 * @param bundles what is done about bundles that exist
 * @param limits what models, bundles and results may not exceed
 * @param incremental what is taken from earlier runs and kept for later ones
 */
public record PlanSettings(
    Operation operation,
    String runId,
    Serialization serialization,
    Ignored ignored,
    Folders folders,
    Bundles bundles,
    Limits limits,
    Incremental incremental)
    implements Serializable {

  /**
   * What is left out of models.
   *
   * @param paths paths to ignore as the user gave them, see {@code IgnoreRules}
   * @param gitPaths whether Git's four names at the root are ignored
   * @param unsignedFiles whether files that are not signed pass verification
   */
  public record Ignored(List<String> paths, boolean gitPaths, boolean unsignedFiles)
      implements Serializable {

    public Ignored {
      paths = List.copyOf(paths);
    }
  }

  /**
   * Folders that paths are relative to or may lead to.
   *
   * @param working what relative ignored paths are relative to, an absolute path
   * @param symlinkRoots folders outside a model that its links may lead to
   * @param signatureRoots URIs of folders below which a catalog or a label says where bundles go
   */
  public record Folders(String working, List<String> symlinkRoots, List<String> signatureRoots)
      implements Serializable {

    public Folders {
      symlinkRoots = List.copyOf(symlinkRoots);
      signatureRoots = List.copyOf(signatureRoots);
    }
  }

  /**
   * What is done about bundles that exist.
   *
   * @param existing what signing does where a bundle exists
   * @param trusted verifying and signing again: whose signatures count; under {@link
   *     ExistingBundle#SKIP_IF_SIGNED} the signer's own; otherwise null
   * @param resigning signing again: what changes, and who signs; otherwise null
   */
  public record Bundles(
      ExistingBundle existing,
      @Nullable VerificationSettings trusted,
      @Nullable ResignSettings resigning)
      implements Serializable {}

  /**
   * What models, bundles and results may not exceed.
   *
   * @param bundle what a bundle may not exceed
   * @param depth how many folders deep a model may be
   * @param files how many files a model may have
   * @param fileBytes how many bytes one file may have
   * @param recordedDifferences how many differences one result lists
   */
  public record Limits(
      OmsBounds bundle, int depth, long files, long fileBytes, int recordedDifferences)
      implements Serializable {

    /** 100 folders, 2,000,000 files of any length, and 10,000 differences. */
    public static Limits defaults() {
      OmsBounds bundle = OmsBounds.defaults();
      return new Limits(bundle, 100, bundle.maxResources(), Long.MAX_VALUE, 10_000);
    }
  }

  /**
   * What a run takes from earlier runs and keeps for later ones.
   *
   * @param since URIs, in Flink's form, of files of listings whose digests are taken over where
   *     they still hold; empty to read everything
   * @param recordsListings whether what is hashed is listed for later runs
   */
  public record Incremental(List<String> since, boolean recordsListings) implements Serializable {

    /** Reads everything and keeps nothing. */
    public static final Incremental NONE = new Incremental(List.of(), false);

    public Incremental {
      since = List.copyOf(since);
    }
  }

  /** What a result says of a check at another time than the present. */
  static final String CERTIFICATE_TIME = "certificate-time";

  /** What a result says of files that a catalog left out. */
  static final String ALLOW_CATALOG_IGNORES = "allow-catalog-ignores";

  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException if nobody is trusted and bundles are to be checked
   */
  public PlanSettings {
    boolean checks =
        checksBundles(operation) || bundles.existing() == ExistingBundle.SKIP_IF_SIGNED;
    if (checks && bundles.trusted() == null) {
      throw new IllegalArgumentException("bundles cannot be checked without somebody to trust");
    }
    if ((operation == Operation.RESIGN) != (bundles.resigning() != null)) {
      throw new IllegalArgumentException("what changes is said exactly for signing again");
    }
    if (operation == Operation.RESIGN && (ignored.unsignedFiles() || !ignored.paths().isEmpty())) {
      throw new IllegalArgumentException("whoever signs again lets nothing pass that was signed");
    }
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
    if (operation == Operation.VERIFY && !ignored.paths().isEmpty()) {
      options.add("ignore-paths");
    }
    if (operation == Operation.VERIFY && ignored.unsignedFiles()) {
      options.add("ignore-unsigned-files");
    }
    VerificationSettings atStart =
        bundles.trusted() instanceof RereadSettings reread ? reread.atStart() : bundles.trusted();
    if (operation == Operation.VERIFY
        && atStart instanceof CertificateVerificationSettings certificates
        && !certificates.time().equals(CertificateTime.NOW)) {
      options.add(CERTIFICATE_TIME);
    }
    return options;
  }
}
