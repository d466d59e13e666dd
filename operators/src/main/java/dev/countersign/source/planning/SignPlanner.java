package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.listings.ListingScope;
import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.oms.Sha256;
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
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.VerificationException;
import dev.countersign.verification.VerifiedBundle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  ModelPlan plan(CatalogEntry entry, ModelHeader header, ModelStorage storage, EarlierWork earlier)
      throws StorageException, OmsException, ModelFailure {
    Optional<String> bundle = Optional.of(entry.bundle()).filter(uri -> !uri.isEmpty());
    Optional<StoredObject> existing = Optional.empty();
    if (settings.operation() == Operation.SIGN) {
      // Bundles may lie on another store than models.
      ModelStorage bundles = Storages.forUri(entry.bundle());
      // One that may be this run's own decides nothing here: the content is hashed, and whoever
      // writes the bundle keeps it if this signer signed the digests that were just computed.
      existing = earlier == EarlierWork.NONE ? bundles.stat(entry.bundle()) : Optional.empty();
      if (settings.bundles().existing() == ExistingBundle.REFUSE && existing.isPresent()) {
        throw ModelFailure.bundleExists(entry.bundle());
      }
    }
    IgnoreRules rules =
        IgnoreRules.forSigning(
            entry.model(),
            ModelPlanner.ignorePaths(entry, settings),
            settings.folders().working(),
            settings.ignored().gitPaths(),
            bundle);
    Serialization serialization = settings.serialization();
    ModelListing listing =
        ModelPlanner.listWithoutCopies(
            storage, entry, settings, serialization.allowSymlinks(), rules::ignores, name -> false);
    if (!listing.irregular().isEmpty()) {
      throw Irregularities.failure(entry.model(), listing);
    }
    describe(header, serialization, rules.recorded());
    if (settings.bundles().existing() == ExistingBundle.SKIP_IF_SIGNED
        && ownVerifier != null
        && existing.isPresent()
        && alreadySigned(existing.get(), ownVerifier, header, listing)) {
      return skipped(header);
    }
    List<UnitRange> ranges = ranges(entry.model(), listing.files(), serialization);
    String reused = reuse.apply(header, ranges, ListingScope.ignoreSet(rules.recorded()));
    UnitCutter.Cut cut =
        cutter.cut(header, ranges, List.of(), new DifferenceCounts(0L, 0L, 0L, 0L));
    ListedModel listed =
        new PlannedListing(entry, settings, listing).under(rules, serialization.allowSymlinks());
    PlannedListing.attach(listed, cut);
    return ModelPlan.of(cut, header, listed.getFingerprint() + reused);
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
   * Whether the bundle holds this signer's valid signature over just these names, and every file is
   * older than the bundle: of the same instant, it may have been written after it was read. Content
   * is not read: that is what verifying is for. A bundle from before OMS 1.0, whose statement does
   * not name its model, is there to be replaced.
   */
  private boolean alreadySigned(
      StoredObject existing, BundleVerifier verifier, ModelHeader header, ModelListing listing)
      throws StorageException, ModelFailure {
    VerifiedBundle verified;
    byte[] bytes;
    long limit = settings.limits().bundle().maxBundleBytes();
    long length = existing.length() > limit ? 0 : existing.length();
    try (PlanMemory.Part unused = PlanMemory.ofThisProcess().check(existing.uri(), length)) {
      bytes = Storages.forUri(existing.uri()).readFully(existing.uri(), limit);
      verified = verifier.verify(bytes);
    } catch (OmsException | VerificationException e) {
      return false;
    }
    Manifest manifest = verified.manifest();
    if (manifest.modelName().isEmpty()) {
      return false;
    }
    Set<String> signed = new HashSet<>();
    for (Resource resource : manifest.resources()) {
      signed.add(resource.path());
    }
    boolean shards = manifest.serialization().method() == SerializationMethod.SHARDS;
    Set<String> present = new HashSet<>();
    for (StoredFile file : listing.files()) {
      if (file.modifiedMillis() >= existing.modifiedMillis()) {
        return false;
      }
      if (!shards || file.length() > 0) {
        present.add(file.name());
      }
    }
    if (!signed.equals(present)) {
      return false;
    }
    describe(header, manifest.serialization(), List.of());
    VerifyPlanner.describeSigner(header, verified);
    header.setBundleSha256(Sha256.hex(bytes));
    return true;
  }

  private static void describe(
      ModelHeader header, Serialization serialization, List<String> ignorePaths) {
    describe(header, serialization);
    header.setAllowSymlinks(serialization.allowSymlinks());
    header.setIgnorePaths(ignorePaths);
  }

  /** Notes how a model is cut and hashed. */
  static void describe(ModelHeader header, Serialization serialization) {
    header.setMethod(serialization.method().omsName());
    header.setHashType(serialization.hash().omsName());
    header.setShardSize(serialization.shardSize());
  }

  static ModelPlan skipped(ModelHeader header) {
    return ModelPlan.decided(
        header,
        Outcome.SKIPPED,
        Message.of("Already signed by this signer: %s.", Printable.of(header.getBundle())));
  }
}
