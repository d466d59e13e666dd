package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.faults.LibraryFaults;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.OmsException;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.UnitRange;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.source.pool.PlanMemory;
import dev.countersign.source.signals.WatchNotices;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.UnitCutter;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.ReplacedNames;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.storage.TemporaryNames;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.RereadVerifier;
import dev.countersign.verification.VerificationException;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plans one model: lists it, for verify checks its bundle first, and cuts it into units. Whatever
 * is wrong with the model becomes a verdict. Thread safe.
 */
public final class ModelPlanner {

  private static final Logger LOG = LoggerFactory.getLogger(ModelPlanner.class);

  /** What a file takes while its model is planned, in bytes, apart from its texts; measured. */
  private static final int ENTRY_BYTES = 240;

  /** What each range takes in addition if a file has several. */
  static final int RANGE_BYTES = 256;

  /** What a unit takes apart from its ranges. */
  private static final int UNIT_BYTES = 256;

  /**
   * What may have been done with a model before the run fell back to an earlier time, so that a
   * bundle which is there may be the run's own.
   */
  public enum EarlierWork {
    /** Nothing: whatever is there was there before the run. */
    NONE,
    /** The run was begun before, and may have come as far as this model. */
    POSSIBLE
  }

  private final PlanSettings settings;
  private final @Nullable BundleVerifier verifier;
  private final @Nullable RereadVerifier reread;
  private final ContentReuse reuse;
  private final SignPlanner signing;
  private final @Nullable VerifyPlanner verifying;
  private final @Nullable ResignPlanner resigning;
  private final Clock clock;
  private volatile boolean locates;

  public ModelPlanner(PlanSettings settings, WindowSettings window, Clock clock)
      throws KeyFormatException, TrustException {
    UnitCutter cutter = new UnitCutter(window, settings.folders().symlinkRoots());
    BundleVerifier verifier =
        settings.bundles().trusted() == null
            ? null
            : BundleVerifier.of(settings.bundles().trusted(), settings.limits().bundle(), clock);
    this.verifier = verifier;
    this.reread = verifier instanceof RereadVerifier again ? again : null;
    this.settings = settings;
    this.reuse = new ContentReuse(settings.incremental());
    this.signing = new SignPlanner(settings, cutter, reuse, verifier);
    this.verifying = verifier == null ? null : new VerifyPlanner(settings, cutter, reuse, verifier);
    this.resigning = resigning(window, cutter, verifier, clock);
    this.clock = clock;
  }

  private @Nullable ResignPlanner resigning(
      WindowSettings window, UnitCutter cutter, @Nullable BundleVerifier trusted, Clock clock)
      throws KeyFormatException, TrustException {
    ResignSettings changes = settings.bundles().resigning();
    if (changes == null || trusted == null || verifying == null) {
      return null;
    }
    return new ResignPlanner(
        settings,
        changes,
        window,
        cutter,
        trusted,
        BundleVerifier.of(changes.own(), settings.limits().bundle(), clock),
        verifying,
        signing);
  }

  /** Says, before anything is read, that the run has not been begun before. */
  public void begins() {
    if (reread != null) {
      reread.begins();
    }
  }

  /** Reads the files of trust of a watch again; called before each look. */
  public void rereadTrust() {
    if (reread != null) {
      reread.reread().ifPresent(news -> WatchNotices.say(settings.runId(), news));
    }
  }

  /** Says whether plans note which machines hold what units read. Any thread. */
  public void locate(boolean wanted) {
    locates = wanted;
  }

  /** Whether models can be planned; if not, {@link #prepare} comes first. */
  public boolean isReady() {
    return reuse.isReady() && (reread == null || reread.isReady());
  }

  /**
   * Reads what earlier runs recorded, and the files of trust of a watch, which may take a while.
   * Where the latter cannot be used, it is not ready afterwards.
   *
   * @return this
   * @throws IOException if the former cannot be read or used
   */
  public ModelPlanner prepare() throws IOException {
    if (!reuse.isReady()) {
      reuse.prepare();
    }
    rereadTrust();
    return this;
  }

  /** Frees what was read; no model can be planned any more. */
  void close() {
    reuse.close();
  }

  /**
   * Plans one model.
   *
   * @param earlier what the run may have done with the model before it fell back to an earlier
   *     time, so that a bundle's being there proves nothing
   */
  public ModelPlan plan(CatalogEntry named, EarlierWork earlier) {
    EntryPlanning planning = new EntryPlanning(settings, settings.workedOn(named), clock.millis());
    CatalogEntry entry = planning.entry();
    try {
      if (entry.isLink()) {
        return planLink(planning);
      }
      if (entry.isGood()) {
        return planGood(planning, earlier);
      }
      throw new ModelFailure(FailureReason.BAD_CATALOG_ENTRY, entry.fault());
    } catch (OmsException | StorageException | VerificationException | ModelFailure e) {
      return failed(planning, LibraryFaults.failureOf(e));
    } catch (PlanMemory.EndOfWork | OutOfMemoryError e) {
      throw e; // PlanMemory#run has it done again.
    } catch (RuntimeException | Error e) {
      LOG.error("Planning {} failed", Printable.of(entry.model()), e);
      return failed(planning, LibraryFaults.failureOf(entry.model(), e));
    }
  }

  private static ModelPlan failed(EntryPlanning planning, ModelFailure failure) {
    if (planning.entry().isGood()) {
      try {
        planning.settle(planning.entry().settled());
      } catch (RuntimeException | LinkageError e) {
        // A connector that failed the model may fail here, too.
        LOG.debug("A bundle's place is taken for that of a folder's", e);
        planning.settle(planning.entry().settled(false));
      }
    }
    return planning.failed(failure);
  }

  /**
   * Skips a link, unless a policy has another rule for it than for what it leads to: whoever may
   * place links must not choose the rule.
   */
  private ModelPlan planLink(EntryPlanning planning) throws VerificationException, ModelFailure {
    CatalogEntry entry = planning.entry();
    if (verifier != null) {
      String rule = verifier.forModel(entry.model()).rule();
      planning.found(header -> header.setPolicyRule(rule));
      if (!rule.equals(verifier.forModel(entry.linkTo()).rule())) {
        throw ModelFailure.linkUnderAnotherRule(entry.model(), entry.linkTo(), rule);
      }
    }
    return planning.decided(Outcome.SKIPPED, entry.linkText());
  }

  private ModelPlan planGood(EntryPlanning planning, EarlierWork earlier)
      throws StorageException, OmsException, VerificationException, ModelFailure {
    CatalogEntry entry = planning.entry();
    String subject = Storages.baseName(entry.model());
    planning.found(header -> header.setSubject(subject));
    // Before its bundle, or one outside would be read. A swap after that is the listing's to see.
    entry.scope(settings.folders().symlinkRoots()).require(entry.model());
    ModelStorage known = Storages.forUri(entry.model());
    ModelStorage storage = locates ? known.withHosts() : known;
    if (resigning != null) {
      return resigning.plan(planning, storage, earlier);
    }
    return settings.operation() == Operation.VERIFY && verifying != null
        ? verifying.plan(planning, storage)
        : signing.plan(planning, storage, earlier);
  }

  /** The plan of a model that fails without being planned. */
  public ModelPlan failed(CatalogEntry entry, ModelFailure failure) {
    return new EntryPlanning(settings, entry, clock.millis()).failed(failure);
  }

  /** What the user and the catalog want ignored, as {@link IgnoreRules} takes it. */
  public static List<String> ignorePaths(CatalogEntry entry, PlanSettings settings) {
    if (entry.ignorePaths().isEmpty()) {
      return settings.ignored().paths();
    }
    List<String> paths = new ArrayList<>(settings.ignored().paths());
    // Absolute, or the user's working folder would have a say in what the catalog means.
    entry.ignorePaths().forEach(path -> paths.add(Storages.child(entry.model(), path)));
    return paths;
  }

  /**
   * Lists a model within the settings' bounds; a model that is not there has its own reason.
   *
   * @param copies tells whether a regular file is a copy of a replaced bundle and left out
   * @param noted as in {@link ListingRules#noted()}
   */
  public static ModelListing list(
      ModelStorage storage,
      CatalogEntry entry,
      PlanSettings settings,
      boolean allowSymlinks,
      Predicate<String> ignored,
      Predicate<String> copies,
      Predicate<String> noted)
      throws StorageException, ModelFailure {
    String model = entry.model();
    List<String> symlinkRoots = allowSymlinks ? settings.folders().symlinkRoots() : List.of();
    // Not signed while somebody writes them; whoever verifies sees all that is not signed.
    boolean withTemporaries = settings.operation() == Operation.VERIFY;
    try {
      ModelListing listing =
          storage.list(
              model,
              new ListingRules(
                  name -> {
                    GuardedPool.progressed();
                    return ignored.test(name);
                  },
                  allowSymlinks,
                  symlinkRoots,
                  settings.limits().depth(),
                  settings.limits().files(),
                  settings.limits().fileBytes(),
                  entry.scope(settings.folders().symlinkRoots()),
                  name ->
                      (!withTemporaries && TemporaryNames.isTemporary(name)) || copies.test(name),
                  bytes -> PlanMemory.take((long) ENTRY_BYTES + bytes),
                  noted));
      HostNames.require(model, listing.files().stream().map(StoredFile::name));
      return listing;
    } catch (StorageException e) {
      if (e.kind() == StorageException.Kind.NOT_FOUND && e.uri().equals(model)) {
        throw notFound(model);
      }
      throw e;
    }
  }

  /**
   * Lists a model as {@link #list} does, without copies of replaced bundles: they are no part of a
   * model that is signed or digested. Those that other runs left, which were killed and never
   * resumed, are deleted when the model is signed.
   *
   * @param kept tells whether a file counts even if it is named like such a copy
   * @param noted as in {@link ListingRules#noted()}
   */
  static ModelListing listWithoutCopies(
      ModelStorage storage,
      CatalogEntry entry,
      PlanSettings settings,
      boolean allowSymlinks,
      Predicate<String> ignored,
      Predicate<String> kept,
      Predicate<String> noted)
      throws StorageException, ModelFailure {
    List<String> left = new ArrayList<>();
    // Whoever verifies sees all that is not signed.
    boolean leavesOut = settings.operation() != Operation.VERIFY;
    Predicate<String> copies =
        name -> {
          if (!leavesOut || !ReplacedNames.isReplaced(name) || kept.test(name)) {
            return false;
          }
          if (!ReplacedNames.isReplacedBy(name, settings.runId())) {
            left.add(Storages.child(entry.model(), name));
          }
          return true;
        };
    ModelListing listing = list(storage, entry, settings, allowSymlinks, ignored, copies, noted);
    if (settings.operation() != Operation.DIGEST) {
      for (String uri : left) {
        try {
          storage.delete(uri, new PinnedFolder(entry.model(), listing.identity()));
        } catch (StorageException e) {
          // Then it is somebody else's.
          LOG.warn("{} was left by another run and cannot be deleted", Printable.of(uri), e);
        }
      }
    }
    return listing;
  }

  /** Cuts a model whose ranges, of files in {@code listing}, have their memory. */
  static UnitCutter.Cut cut(
      UnitCutter cutter,
      ModelHeader header,
      ModelListing listing,
      List<UnitRange> ranges,
      List<Difference> differences,
      DifferenceCounts counts) {
    PlanMemory.take((RANGE_BYTES + UNIT_BYTES) * cutter.addedRanges(header, ranges));
    return cutter.cut(header, ranges, differences, counts, listing::hosts);
  }

  static ModelFailure notFound(String model) {
    return new ModelFailure(
        FailureReason.MODEL_NOT_FOUND,
        Message.of(
            "No model at %s: name a folder or a file that exists, or quote a glob such as"
                + " 'models/*'.",
            Printable.of(model)));
  }
}
