package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.StatementCut;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.content.ContentComparison;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.pool.PlanMemory;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.Recut;
import dev.countersign.source.units.UnitCutter;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.ModelTrust;
import dev.countersign.verification.VerificationException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Plans a model that is to be signed again: its bundle is checked against whom the caller trusts,
 * names are compared, and what is left is to read the content once, for the digests that were
 * signed and for those that are to be signed. What the catalog wants left out counts for a model
 * only that is signed for the first time; otherwise the statement says what was.
 *
 * <p>If the run fell back to an earlier time, the bundle that is there may be its own by now. The
 * one that it replaced is then judged in its place, see {@link ReplacedBundle}: the plan is the one
 * of before, whoever wrote what is there and whenever that was.
 */
final class ResignPlanner {

  private final PlanSettings settings;
  private final ResignSettings changes;
  private final WindowSettings window;
  private final UnitCutter cutter;
  private final BundleVerifier callers;
  private final BundleVerifier own;
  private final VerifyPlanner verifying;
  private final SignPlanner signing;

  /**
   * A planner.
   *
   * @param callers accepts whom the caller trusts
   * @param own accepts this run's signer only
   */
  ResignPlanner(
      PlanSettings settings,
      ResignSettings changes,
      WindowSettings window,
      UnitCutter cutter,
      BundleVerifier callers,
      BundleVerifier own,
      VerifyPlanner verifying,
      SignPlanner signing) {
    this.settings = settings;
    this.changes = changes;
    this.window = window;
    this.cutter = cutter;
    this.callers = callers;
    this.own = own;
    this.verifying = verifying;
    this.signing = signing;
  }

  /** Plans one model, as {@link ModelPlanner#plan} describes. */
  ModelPlan plan(CatalogEntry entry, ModelHeader header, ModelStorage storage, EarlierWork earlier)
      throws StorageException, OmsException, VerificationException, ModelFailure {
    // Bundles may lie on another store than models.
    ModelStorage bundles = Storages.forUri(entry.bundle());
    Optional<StoredObject> replaced = ReplacedBundle.of(entry.bundle(), settings.runId()).find();
    Optional<StoredObject> existing = bundles.stat(entry.bundle());
    if (replaced.isEmpty()
        && existing.isPresent()
        && settings.bundles().existing() == ExistingBundle.SKIP_IF_SIGNED) {
      ModelHeader skipped = copyOf(header);
      PlanMemory.Part looked = PlanMemory.part();
      Optional<Manifest> own = own(entry, skipped, existing.get());
      if (own.isPresent() && earlier != EarlierWork.NONE) {
        return planAgain(entry, skipped, storage, own.get());
      }
      if (own.isPresent() && isUnchanged(entry, skipped, storage, existing.get(), own.get())) {
        return SignPlanner.skipped(skipped);
      }
      looked.close(); // Nothing of that is part of the plan.
    }
    ModelTrust trust = callers.forModel(entry.model());
    header.setPolicyRule(trust.rule());
    Optional<StoredObject> judged =
        replaced.isPresent() ? replaced.filter(copy -> copy.length() > 0) : existing;
    Optional<Manifest> signed = verifying.verifiedManifest(entry, header, trust, judged);
    if (signed.isEmpty()) {
      // Whoever deletes a bundle must not get a signature over whatever else is there.
      if (!changes.signsUnsigned() || !trust.allowsFirstSignature()) {
        return VerifyPlanner.allowedUnsigned(
            header,
            trust,
            "Nothing was verified or signed. A first signature needs 'sign-unsigned: allow' in the"
                + " rule and "
                + Setting.SIGN_UNSIGNED
                + ".");
      }
      header.getWeakened().add(ResignSettings.SIGN_UNSIGNED);
      if (!entry.ignorePaths().isEmpty()) {
        header.getWeakened().add(PlanSettings.ALLOW_CATALOG_IGNORES);
      }
      return signing.plan(entry, header, storage, EarlierWork.NONE);
    }
    if (changes.trustsPreviousDigests()) {
      requireAllowed(entry, trust);
      header.setContentTrusted(true);
      header.getWeakened().add(ResignSettings.CONTENT_NOT_READ);
    }
    return planAgain(entry, header, storage, signed.get());
  }

  private static ModelHeader copyOf(ModelHeader header) {
    return ModelHeader.newBuilder(header).build();
  }

  /** What the bundle states, if this run's signer signed it, and as this run would. */
  private Optional<Manifest> own(CatalogEntry entry, ModelHeader header, StoredObject existing)
      throws StorageException, ModelFailure, VerificationException {
    Optional<Manifest> written;
    try {
      written =
          verifying.verifiedManifest(
              entry, header, own.forModel(entry.model()), Optional.of(existing));
    } catch (ModelFailure e) {
      return Optional.empty();
    }
    return written.filter(
        manifest ->
            !manifest.modelName().isEmpty()
                && Recut.isSame(
                    manifest.serialization(), changes.target(manifest.serialization())));
  }

  /** As when signing: names and times are compared, content is not read. */
  private boolean isUnchanged(
      CatalogEntry entry,
      ModelHeader header,
      ModelStorage storage,
      StoredObject existing,
      Manifest signed)
      throws StorageException, OmsException, ModelFailure {
    VerifyPlanner.Compared compared =
        verifying.compare(entry.withoutIgnorePaths(), header, storage, signed, false);
    for (StoredFile file : compared.listing().files()) {
      if (file.modifiedMillis() >= existing.modifiedMillis()) {
        return false;
      }
    }
    return !differs(compared.comparison().counts());
  }

  private static boolean differs(DifferenceCounts counts) {
    return counts.getMissing() + counts.getExtra() + counts.getChanged() > 0;
  }

  private static void requireAllowed(CatalogEntry entry, ModelTrust trust) throws ModelFailure {
    if (!trust.allowsPreviousDigests()) {
      throw new ModelFailure(
          FailureReason.DENIED_BY_POLICY,
          Message.of(
              "The policy's rule '%s' does not allow to sign %s unread.",
              Printable.of(trust.rule()), Printable.of(entry.model())),
          Remedy.of("Leave out %s, or allow it in the rule.", Setting.TRUST_PREVIOUS_DIGESTS));
    }
  }

  /**
   * Plans to read what a bundle states, and to sign it. If this run's signer signed the bundle,
   * whoever writes keeps it, once the content is what it states.
   */
  private ModelPlan planAgain(
      CatalogEntry entry, ModelHeader header, ModelStorage storage, Manifest manifest)
      throws StorageException, OmsException, ModelFailure {
    header.setPreviousSigner(header.getSigner());
    Serialization signed = manifest.serialization();
    Serialization target = changes.target(signed);
    boolean demandsAllFiles = target.method() == SerializationMethod.FILES;
    VerifyPlanner.Compared compared =
        verifying.compare(entry.withoutIgnorePaths(), header, storage, manifest, demandsAllFiles);
    ContentComparison comparison = compared.comparison();
    List<UnitRange> ranges = comparison.ranges();
    if (!differs(comparison.counts())) {
      if (!Recut.isSame(signed, target)) {
        PlanMemory.take((long) ModelPlanner.RANGE_BYTES * ranges.size());
        ranges =
            new Recut(signed, target, window.unitBytes(), settings.limits().bundle().maxResources())
                .of(entry.model(), ranges);
        header.setPreviousCut(
            new StatementCut(header.getMethod(), header.getHashType(), header.getShardSize()));
        SignPlanner.describe(header, target);
      }
      if (!manifest.modelName().isEmpty()) {
        header.setSubject(manifest.modelName());
      }
    }
    UnitCutter.Cut cut = cutter.cut(header, ranges, comparison.differences(), comparison.counts());
    WorkUnit first = cut.units().get(0);
    first.setHeader(copyOf(header));
    first.getHeader().setIgnorePaths(carriedPaths(entry, manifest));
    PlannedListing.attach(compared.listed(), cut);
    return ModelPlan.of(cut, header, compared.fingerprint(header));
  }

  /**
   * Returns the ignored paths to record: those that were signed, word for word, and where the
   * bundle lies. If none were recorded, what Git keeps at the root takes their place, as it does
   * when verifying, but for what is signed all the same.
   *
   * @throws ModelFailure if they are too many to be passed on
   */
  private static List<String> carriedPaths(CatalogEntry entry, Manifest manifest)
      throws OmsException, ModelFailure {
    Serialization signed = manifest.serialization();
    Set<String> paths = new LinkedHashSet<>(signed.ignorePaths());
    Optional<String> bundle = Optional.of(entry.bundle());
    if (signed.ignorePathsRecorded()) {
      paths.addAll(
          IgnoreRules.forSigning(entry.model(), List.of(), entry.model(), false, bundle)
              .recorded());
    } else {
      paths.addAll(
          IgnoreRules.forVerification(entry.model(), signed, List.of(), entry.model(), bundle)
              .recorded());
      manifest.resources().forEach(resource -> removeAbove(resource.path(), paths));
    }
    if (UnitCutter.weightOf(paths) > PlannedListing.MAX_BYTES) {
      throw new ModelFailure(
          FailureReason.LIMIT_EXCEEDED,
          Message.of(
              "%s ignores %d paths, which is more than can carry over (1 MiB).",
              Printable.of(entry.bundle()), paths.size()),
          Remedy.of("Sign the model anew with fewer %s.", Setting.IGNORE_PATHS));
    }
    return new ArrayList<>(paths);
  }

  private static void removeAbove(String path, Set<String> paths) {
    paths.remove(path);
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      paths.remove(path.substring(0, slash));
    }
  }
}
