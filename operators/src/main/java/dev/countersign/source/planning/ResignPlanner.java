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
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.StatementCut;
import dev.countersign.schemas.UnitRange;
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
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.ModelTrust;
import dev.countersign.verification.VerificationException;
import dev.countersign.verification.VerifiedBundle;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
  ModelPlan plan(EntryPlanning planning, ModelStorage storage, EarlierWork earlier)
      throws StorageException, OmsException, VerificationException, ModelFailure {
    BundlePlace place = BundlePlace.find(planning.entry(), this::bundles);
    CatalogEntry entry = place.entry();
    planning.settle(entry);
    Optional<StoredObject> replaced = Optional.ofNullable(place.found().get(copyOf(entry)));
    Optional<StoredObject> existing = place.bundle();
    if (replaced.isEmpty()
        && existing.isPresent()
        && settings.bundles().existing() == ExistingBundle.SKIP_IF_SIGNED) {
      PlanMemory.Part looked = PlanMemory.part();
      Optional<JudgedBundle> signed = own(entry, existing.get());
      if (signed.isPresent() && earlier == EarlierWork.NONE) {
        if (isUnchanged(entry, storage, existing.get(), signed.get())) {
          VerifyPlanner.FollowedLinks links = links(signed.get());
          links.weakened().forEach(planning::weakened);
          return SignPlanner.skipped(planning, signed.get(), links.follows());
        }
      } else if (signed.isPresent() && !isSignedUnread(entry, existing.get())) {
        return planAgain(planning, storage, signed.get());
      }
      looked.close(); // Nothing of that is part of the plan.
    }
    ModelTrust trust = callers.forModel(entry.model());
    planning.found(header -> header.setPolicyRule(trust.rule()));
    Optional<JudgedBundle> judged =
        verifying.judge(
            entry,
            trust,
            replaced.isPresent() ? replaced.filter(copy -> copy.length() > 0) : existing);
    if (judged.isEmpty()) {
      return planUnsigned(planning, storage, trust);
    }
    if (changes.trustsPreviousDigests() && judged.get().failure().isEmpty()) {
      planning.found(judged.get()::describe);
      requireAllowed(entry, trust);
      planning.found(header -> header.setContentTrusted(true));
      planning.weakened(ResignSettings.CONTENT_NOT_READ);
    }
    return planAgain(planning, storage, judged.get());
  }

  /** Returns the URI of the copy that this run keeps of a bundle. */
  private String copyOf(CatalogEntry entry) {
    return ReplacedBundle.of(entry.bundle(), settings.runId()).uri();
  }

  /** Bundles may be stored in another place than models. */
  private Map<String, StoredObject> bundles(CatalogEntry entry) throws StorageException {
    return Storages.forUri(entry.bundle()).findAll(List.of(copyOf(entry), entry.bundle()));
  }

  /** Whoever deletes a bundle must not get a signature over whatever else is there. */
  private ModelPlan planUnsigned(EntryPlanning planning, ModelStorage storage, ModelTrust trust)
      throws StorageException, OmsException, ModelFailure {
    if (!changes.signsUnsigned() || !trust.allowsFirstSignature()) {
      return VerifyPlanner.allowedUnsigned(
          planning,
          trust,
          "Nothing was verified or signed. A first signature needs 'sign-unsigned: allow' in the"
              + " rule and "
              + Setting.SIGN_UNSIGNED
              + ".");
    }
    planning.weakened(ResignSettings.SIGN_UNSIGNED);
    if (!planning.entry().ignorePaths().isEmpty()) {
      planning.weakened(PlanSettings.ALLOW_CATALOG_IGNORES);
    }
    return signing.plan(planning, storage, EarlierWork.NONE);
  }

  private VerifyPlanner.FollowedLinks links(JudgedBundle bundle) throws ModelFailure {
    return verifying.links(bundle.manifest().serialization());
  }

  /** Returns the bundle if this run's signer signed it, and as this run would. */
  private Optional<JudgedBundle> own(CatalogEntry entry, StoredObject existing)
      throws StorageException, ModelFailure, VerificationException {
    try {
      return verifying
          .judge(entry, own.forModel(entry.model()), Optional.of(existing))
          .filter(bundle -> bundle.verified().filter(this::isAsThisRunSigns).isPresent());
    } catch (ModelFailure e) {
      return Optional.empty();
    }
  }

  private boolean isAsThisRunSigns(VerifiedBundle bundle) {
    Manifest manifest = bundle.manifest();
    return !manifest.modelName().isEmpty()
        && Recut.isSame(manifest.serialization(), changes.target(manifest.serialization()));
  }

  /** Whether a model with this bundle is signed again without reading its content. */
  private boolean isSignedUnread(CatalogEntry entry, StoredObject existing)
      throws StorageException, ModelFailure, VerificationException {
    ModelTrust trust = callers.forModel(entry.model());
    return changes.trustsPreviousDigests()
        && trust.allowsPreviousDigests()
        && verifying
            .judge(entry, trust, Optional.of(existing))
            .filter(bundle -> bundle.failure().isEmpty())
            .isPresent();
  }

  /** As when signing: names and times are compared, content is not read. */
  private boolean isUnchanged(
      CatalogEntry entry, ModelStorage storage, StoredObject existing, JudgedBundle signed)
      throws StorageException, OmsException, ModelFailure {
    VerifyPlanner.Compared compared =
        verifying.compare(
            entry.withoutIgnorePaths(), storage, signed.manifest(), links(signed), false);
    return !compared.differs()
        && compared.listing().files().stream()
            .allMatch(file -> file.modifiedMillis() < existing.modifiedMillis());
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
  private ModelPlan planAgain(EntryPlanning planning, ModelStorage storage, JudgedBundle bundle)
      throws StorageException, OmsException, ModelFailure {
    planning.found(bundle::describe);
    Manifest manifest = bundle.manifest();
    planning.found(header -> header.setPreviousSigner(header.getSigner()));
    VerifyPlanner.FollowedLinks links = links(bundle);
    planning.found(links::describe);
    CatalogEntry entry = planning.entry();
    Serialization signed = manifest.serialization();
    Serialization target = changes.target(signed);
    VerifyPlanner.Compared compared =
        verifying.compare(
            entry.withoutIgnorePaths(),
            storage,
            manifest,
            links,
            target.method() == SerializationMethod.FILES);
    ContentComparison comparison = compared.comparison();
    List<UnitRange> ranges = comparison.ranges();
    if (!compared.differs()) {
      if (!Recut.isSame(signed, target)) {
        PlanMemory.take((long) ModelPlanner.RANGE_BYTES * ranges.size());
        ranges =
            new Recut(signed, target, window.unitBytes(), settings.limits().bundle().maxResources())
                .of(entry.model(), ranges);
        planning.found(header -> header.setPreviousCut(cutOf(header)));
        planning.found(target);
      }
      if (!manifest.modelName().isEmpty()) {
        planning.found(header -> header.setSubject(manifest.modelName()));
      }
    }
    ModelHeader header = planning.header();
    UnitCutter.Cut cut =
        ModelPlanner.cut(
            cutter,
            header,
            compared.listing(),
            ranges,
            comparison.differences(),
            comparison.counts());
    PlannedListing.attach(compared.listed(), carriedPaths(entry, manifest), cut);
    String unread = header.getContentTrusted() ? ":unread" : "";
    return ModelPlan.of(cut, header, compared.fingerprint(bundle) + unread);
  }

  private static StatementCut cutOf(ModelHeader header) {
    return new StatementCut(header.getMethod(), header.getHashType(), header.getShardSize());
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
