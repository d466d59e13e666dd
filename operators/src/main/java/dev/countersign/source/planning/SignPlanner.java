package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.listings.ListingScope;
import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ListedModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.UnitRange;
import dev.countersign.source.content.Irregularities;
import dev.countersign.source.content.UnfinishedWrites;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.pool.PlanMemory;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.Recut;
import dev.countersign.source.units.UnitCutter;
import dev.countersign.source.units.WorkUnits;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.storage.StoredObject;
import dev.countersign.storage.SweptFolders;
import dev.countersign.storage.TemporaryNames;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.BundleVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Plans a model that is to be signed or digested: everything in it is hashed, or it fails. */
final class SignPlanner {

  private final PlanSettings settings;
  private final UnitCutter cutter;
  private final ContentReuse reuse;
  private final @Nullable BundleVerifier ownVerifier;

  /** A planner; {@code ownVerifier} accepts this run's signer, and is needed to skip models. */
  SignPlanner(
      PlanSettings settings,
      UnitCutter cutter,
      ContentReuse reuse,
      @Nullable BundleVerifier ownVerifier) {
    this.settings = settings;
    this.cutter = cutter;
    this.reuse = reuse;
    this.ownVerifier = ownVerifier;
  }

  /** Plans one model, as {@link ModelPlanner#plan} describes. */
  ModelPlan plan(EntryPlanning planning, ModelStorage storage, EarlierWork earlier)
      throws StorageException, OmsException, ModelFailure {
    boolean signs = settings.operation() == Operation.SIGN;
    // One that may be this run's own decides nothing here: the content is hashed, and whoever
    // writes the bundle keeps it if this signer signed the digests that were just computed.
    ExistingBundle policy =
        signs && earlier == EarlierWork.NONE
            ? settings.bundles().existing()
            : ExistingBundle.REPLACE;
    CatalogEntry ofFolder = planning.entry().settled(false);
    boolean isInModel = signs && Storages.parent(ofFolder.bundle()).equals(ofFolder.model());
    Optional<StoredObject> before =
        (policy == ExistingBundle.REFUSE && !(isInModel && storage.comparesVersions()))
                || (policy == ExistingBundle.SKIP_IF_SIGNED && !isInModel)
            ? find(ofFolder, isInModel)
            : Optional.empty();
    requireNone(policy, before);
    Serialization serialization = settings.serialization();
    ModelListing listing =
        ModelPlanner.listWithoutCopies(
            storage,
            ofFolder,
            settings,
            serialization.allowSymlinks(),
            rules(ofFolder)::ignores,
            name -> false,
            name ->
                isInModel
                    && (TemporaryNames.isTemporary(name)
                        || Storages.child(ofFolder.model(), name).equals(ofFolder.bundle())));
    CatalogEntry entry = planning.entry().settled(listing.singleFile());
    Optional<StoredObject> existing = isInModel ? noted(policy, entry, listing) : before;
    requireNone(policy, existing);
    if (!listing.irregular().isEmpty()) {
      throw Irregularities.failure(entry.model(), listing);
    }
    if (signs) {
      UnfinishedWrites.requireNone(entry.model(), listing);
    }
    IgnoreRules rules = rules(entry);
    planning.settle(entry);
    planning.found(serialization);
    planning.found(header -> header.setAllowSymlinks(serialization.allowSymlinks()));
    if (policy == ExistingBundle.SKIP_IF_SIGNED && existing.isPresent()) {
      Optional<JudgedBundle> own = signed(existing.get(), listing);
      if (own.isPresent()) {
        return skipped(planning, own.get(), own.get().manifest().serialization().allowSymlinks());
      }
    }
    PlannedListing planned = new PlannedListing(entry, settings, listing);
    List<UnitRange> ranges = ranges(entry.model(), listing.files(), serialization);
    String reused =
        reuse.apply(
            planning,
            planning.scope(
                serialization,
                serialization.allowSymlinks(),
                ListingScope.ignoreSet(rules.recorded())),
            ranges);
    ModelHeader header = planning.header();
    UnitCutter.Cut cut =
        ModelPlanner.cut(
            cutter, header, listing, ranges, List.of(), new DifferenceCounts(0L, 0L, 0L, 0L));
    ListedModel listed = planned.under(rules, serialization.allowSymlinks());
    PlannedListing.attach(listed, rules.recorded(), cut);
    return ModelPlan.of(cut, header, listed.getFingerprint() + reused);
  }

  /** Returns the bundle if there is one. Bundles may be stored in another place than models. */
  private static Optional<StoredObject> find(CatalogEntry entry, boolean isListed)
      throws StorageException {
    try {
      return Storages.forUri(entry.bundle()).stat(entry.bundle());
    } catch (StorageException e) {
      if (isListed) {
        return Optional.empty(); // The model may be a file, and its listing says what is wrong.
      }
      throw e;
    }
  }

  /** Returns the bundle that a listing noted. */
  private static Optional<StoredObject> noted(
      ExistingBundle policy, CatalogEntry entry, ModelListing listing) throws StorageException {
    if (listing.singleFile()) {
      return policy == ExistingBundle.REPLACE ? Optional.empty() : find(entry, false);
    }
    if (listing.noted().stream().noneMatch(object -> TemporaryNames.isTemporary(object.uri()))) {
      boolean unused = SweptFolders.isDue(entry.model()); // There is nothing to sweep.
    }
    return listing.noted().stream()
        .filter(object -> object.uri().equals(entry.bundle()))
        .findFirst();
  }

  private static void requireNone(ExistingBundle policy, Optional<StoredObject> bundle)
      throws ModelFailure {
    if (policy == ExistingBundle.REFUSE && bundle.isPresent()) {
      throw ModelFailure.bundleExists(bundle.get().uri());
    }
  }

  private IgnoreRules rules(CatalogEntry entry) throws OmsException {
    return IgnoreRules.forSigning(
        entry.model(),
        ModelPlanner.ignorePaths(entry, settings),
        settings.folders().working(),
        settings.ignored().gitPaths(),
        Optional.of(entry.bundle()).filter(uri -> !uri.isEmpty()));
  }

  /** The ranges to hash, at least one. */
  private List<UnitRange> ranges(String model, List<StoredFile> files, Serialization serialization)
      throws ModelFailure {
    List<UnitRange> ranges = new ArrayList<>(files.size());
    for (StoredFile file : files) {
      if (serialization.method() == SerializationMethod.FILES) {
        ranges.add(WorkUnits.whole(file));
        continue;
      }
      long end;
      for (long start = 0; start < file.length(); start = end) {
        if (ranges.size() >= settings.limits().bundle().maxResources()) {
          throw new ModelFailure(
              FailureReason.LIMIT_EXCEEDED,
              Message.of(
                  "%s has more than %d shards of %d bytes:",
                  Printable.of(model),
                  settings.limits().bundle().maxResources(),
                  serialization.shardSize()),
              Recut.FEWER_SHARDS);
        }
        PlanMemory.take(ModelPlanner.RANGE_BYTES);
        end = WorkUnits.shardEnd(file, start, serialization);
        ranges.add(WorkUnits.shard(file, start, end));
      }
    }
    if (ranges.isEmpty()) {
      throw new ModelFailure(
          FailureReason.EMPTY_MODEL,
          Message.of(
              "%s has nothing to %s: %s.",
              Printable.of(model),
              settings.operation() == Operation.DIGEST ? "digest" : "sign",
              files.isEmpty()
                  ? "it holds no file, or every file is ignored"
                  : "all its files are empty, and shards leave empty files out"),
          Remedy.of("Check the path and %s.", Setting.IGNORE_PATHS));
    }
    return ranges;
  }

  /**
   * Returns the bundle if it holds this signer's valid signature over just these names, and every
   * file is older than the bundle: of the same instant, it may have been written after it was read.
   * Content is not read: that is what verifying is for. A bundle from before OMS 1.0, whose
   * statement does not name its model, is there to be replaced.
   */
  private Optional<JudgedBundle> signed(StoredObject existing, ModelListing listing)
      throws StorageException, ModelFailure {
    if (ownVerifier == null) {
      return Optional.empty();
    }
    long limit = settings.limits().bundle().maxBundleBytes();
    JudgedBundle bundle = JudgedBundle.read(existing, limit, ownVerifier::verify);
    boolean isOlder =
        listing.files().stream()
            .allMatch(file -> file.modifiedMillis() < existing.modifiedMillis());
    return Optional.of(bundle)
        .filter(
            judged ->
                isOlder
                    && judged
                        .verified()
                        .filter(verified -> isAllOf(listing, verified.manifest()))
                        .isPresent());
  }

  private static boolean isAllOf(ModelListing listing, Manifest manifest) {
    boolean shards = manifest.serialization().method() == SerializationMethod.SHARDS;
    return !manifest.modelName().isEmpty()
        && manifest.resources().stream()
            .map(Resource::path)
            .collect(Collectors.toSet())
            .equals(
                listing.files().stream()
                    .filter(file -> !shards || file.length() > 0)
                    .map(StoredFile::name)
                    .collect(Collectors.toSet()));
  }

  static ModelPlan skipped(EntryPlanning planning, JudgedBundle own, boolean followsLinks) {
    planning.found(own::describe);
    planning.found(header -> header.setAllowSymlinks(followsLinks));
    return planning.decided(
        Outcome.SKIPPED,
        Message.of("Already signed by this signer: %s.", Printable.of(planning.entry().bundle())));
  }
}
