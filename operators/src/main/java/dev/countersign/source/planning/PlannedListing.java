package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.Resource;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ListedModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.content.NameFilter;
import dev.countersign.source.units.UnitCutter;
import dev.countersign.storage.GlobScope;
import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.ReplacedNames;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.TemporaryNames;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a plan notes of a model's listing, so that the model can be listed again in the same way.
 */
final class PlannedListing {

  /** What paths may take in one work unit, in bytes. */
  static final int MAX_BYTES = 1 << 20;

  /**
   * Up to how many bytes all paths that a statement ignores are noted. A longer list is cut to what
   * the model has: if another one of its paths appears during the run, that is a change.
   */
  private static final int ALL_PATHS_BYTES = 4_096;

  private final CatalogEntry entry;
  private final PlanSettings settings;
  private final ModelListing listing;
  private final String fingerprint;

  /** Computes the fingerprint at once, before the plan's ranges take memory. */
  PlannedListing(CatalogEntry entry, PlanSettings settings, ModelListing listing) {
    this.entry = entry;
    this.settings = settings;
    this.listing = listing;
    this.fingerprint = listing.fingerprint();
  }

  /** Notes a listing for signing or a digest. */
  ListedModel under(IgnoreRules rules, boolean allowSymlinks) throws StorageException {
    return note(rules.recorded(), List.of(), List.of(), allowSymlinks);
  }

  /**
   * Notes a listing that goes by a signed statement.
   *
   * @param met paths that the statement ignores and the model has
   * @throws ModelFailure if its ignored paths are too many to be passed on
   */
  ListedModel under(
      IgnoreRules user,
      IgnoreRules signed,
      Set<String> met,
      Manifest manifest,
      boolean allowSymlinks)
      throws StorageException, ModelFailure {
    List<String> listed =
        manifest.resources().stream()
            .map(Resource::path)
            .filter(path -> signed.ignores(path) && !user.ignores(path))
            .distinct()
            .toList();
    List<String> noted =
        UnitCutter.weightOf(signed.recorded()) <= ALL_PATHS_BYTES
            ? signed.recorded()
            : List.copyOf(met);
    if (UnitCutter.weightOf(user.recorded())
            + UnitCutter.weightOf(noted)
            + UnitCutter.weightOf(listed)
        > MAX_BYTES) {
      throw new ModelFailure(
          FailureReason.LIMIT_EXCEEDED,
          Message.of(
              "%s ignores %d paths, which is more than can be passed on (1 MiB).",
              Printable.of(entry.bundle()), signed.recorded().size()),
          Remedy.of(
              "Sign the model again with folders in %s instead of the files in them.",
              Setting.IGNORE_PATHS));
    }
    ListedModel model = note(user.recorded(), noted, listed, allowSymlinks);
    if (settings.ignored().unsignedFiles() && !listing.singleFile()) {
      NameFilter names =
          NameFilter.of(manifest.resources().stream().map(Resource::path).distinct().toList());
      model.setSignedNames(names.bytes());
      model.setFingerprint(signedPart(names).fingerprint());
    }
    return model;
  }

  /** What is left of the listing once names that are not signed are passed over. */
  private ModelListing signedPart(NameFilter names) {
    return new ModelListing(
        listing.singleFile(),
        listing.files().stream().filter(file -> names.holdsAll(file.name())).toList(),
        listing.irregular().stream()
            .filter(entry -> !isPath(entry.kind()) || names.holdsAll(entry.name()))
            .toList(),
        listing.totalBytes(),
        listing.identity(),
        List.of());
  }

  /** Whether names of that kind are asked for when the model is listed again. */
  private static boolean isPath(IrregularEntry.Kind kind) {
    return kind != IrregularEntry.Kind.NAME_NOT_UTF8
        && kind != IrregularEntry.Kind.NAME_NOT_CANONICAL;
  }

  private ListedModel note(
      List<String> ignored,
      List<String> signedIgnored,
      List<String> signedListed,
      boolean allowSymlinks)
      throws StorageException {
    ListedModel.Builder noted =
        ListedModel.newBuilder()
            .setFingerprint(fingerprint)
            .setIgnored(ignored)
            .setSignedIgnored(signedIgnored)
            .setSignedListed(signedListed)
            .setSymlinkRoots(allowSymlinks ? settings.folders().symlinkRoots() : List.of())
            .setMaxDepth(settings.limits().depth())
            .setMaxFiles(settings.limits().files())
            .setMaxFileBytes(settings.limits().fileBytes());
    if (settings.operation() == Operation.SIGN || settings.operation() == Operation.RESIGN) {
      PinnedFolder folder = bundleFolder();
      Storages.forUri(entry.bundle()).sweepTemporaries(entry.bundle(), folder);
      noted.setFolder(folder.uri()).setFolderIdentity(folder.identity());
    }
    return noted.build();
  }

  /**
   * The folder that the bundle goes to; in the model, the very folder that was listed; beside it,
   * the one that holds what was listed; where a catalog or a label says where, one that no link
   * below the folder that the caller named leads to.
   */
  private PinnedFolder bundleFolder() throws StorageException {
    String model = entry.model();
    String bundle = entry.bundle();
    if (!listing.singleFile() && bundle.startsWith(Storages.child(model, ""))) {
      return new PinnedFolder(model, listing.identity());
    }
    ModelStorage bundles = Storages.forUri(bundle);
    if (Storages.parent(bundle).equals(Storages.parent(model))) {
      return bundles.pinBeside(bundle, model, listing.identity());
    }
    Optional<String> root =
        settings.folders().signatureRoots().stream()
            .filter(folder -> bundle.startsWith(Storages.child(folder, "")))
            .max(Comparator.comparingInt(String::length));
    return bundles.pinBelow(bundle, root.orElse(Storages.parent(model)));
  }

  /**
   * Gives the first unit of a plan what was noted, and the ignored paths to record; the others need
   * not carry it.
   */
  static void attach(ListedModel noted, List<String> ignorePaths, UnitCutter.Cut cut) {
    WorkUnit first = cut.units().get(0);
    first.setHeader(
        ModelHeader.newBuilder(first.getHeader())
            .setListing(noted)
            .setIgnorePaths(ignorePaths)
            .build());
  }

  /** Returns the rules to list a model by again. */
  static ListingRules rules(ModelHeader header, ListedModel noted, Runnable progress) {
    Predicate<String> ignored = ignored(noted);
    ByteBuffer signed = noted.getSignedNames();
    NameFilter names = signed.hasRemaining() ? NameFilter.read(signed) : null;
    // As when the model was planned, see ModelPlanner#list.
    boolean withAll = header.getOperation() == Operation.VERIFY;
    return new ListingRules(
        name -> {
          progress.run();
          return ignored.test(name) || (names != null && !names.holds(name));
        },
        header.getAllowSymlinks(),
        noted.getSymlinkRoots(),
        noted.getMaxDepth(),
        noted.getMaxFiles(),
        noted.getMaxFileBytes(),
        GlobScope.ANYWHERE, // Files that are elsewhere now have other versions.
        name -> !withAll && (TemporaryNames.isTemporary(name) || ReplacedNames.isReplaced(name)),
        bytes -> {}, // A summary keeps little of an entry.
        name ->
            Storages.isRemote(header.getModel())
                && Storages.child(header.getModel(), name).equals(header.getBundle()));
  }

  private static Predicate<String> ignored(ListedModel noted) {
    IgnoreRules ignored = IgnoreRules.ofRecorded(noted.getIgnored());
    IgnoreRules signedIgnored = IgnoreRules.ofRecorded(noted.getSignedIgnored());
    Set<String> listed = new HashSet<>();
    for (String path : noted.getSignedListed()) {
      listed.add(path);
      NameFilter.addFolders(listed, path);
    }
    return name -> ignored.ignores(name) || (signedIgnored.ignores(name) && !listed.contains(name));
  }
}
