package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.listings.ListingScope;
import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ListedModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.content.ContentComparison;
import dev.countersign.source.content.NameFilter;
import dev.countersign.source.pool.PlanMemory;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.UnitCutter;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.ModelTrust;
import dev.countersign.verification.VerificationException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Plans a model that is to be verified: the signature is checked first, so nothing is listed or
 * hashed for a bad one; then names are compared, and what is left to compare is content.
 */
final class VerifyPlanner {

  /**
   * What a signed resource takes while names are compared and its content is read, in bytes, apart
   * from the resource itself, which counts as its bundle does; measured.
   */
  private static final int RESOURCE_BYTES = 80;

  private final PlanSettings settings;
  private final UnitCutter cutter;
  private final ContentReuse reuse;
  private final BundleVerifier verifier;

  VerifyPlanner(
      PlanSettings settings, UnitCutter cutter, ContentReuse reuse, BundleVerifier verifier) {
    this.settings = settings;
    this.cutter = cutter;
    this.reuse = reuse;
    this.verifier = verifier;
  }

  ModelPlan plan(EntryPlanning planning, ModelStorage storage)
      throws StorageException, OmsException, VerificationException, ModelFailure {
    ModelTrust trust = verifier.forModel(planning.entry().model());
    planning.found(header -> header.setPolicyRule(trust.rule()));
    BundlePlace place = BundlePlace.find(planning.entry(), VerifyPlanner::bundle);
    planning.settle(place.entry());
    Optional<JudgedBundle> found = judge(place.entry(), trust, place.bundle());
    if (found.isEmpty()) {
      return allowedUnsigned(planning, trust, "Nothing was verified.");
    }
    JudgedBundle bundle = found.get();
    planning.found(bundle::describe);
    Manifest manifest = bundle.manifest();
    FollowedLinks links = links(manifest.serialization());
    planning.found(links::describe);
    Compared compared = compare(place.entry(), storage, manifest, links, false);
    ContentComparison comparison = compared.comparison();
    String reused =
        reuse.apply(
            planning,
            planning.scope(manifest.serialization(), links.follows(), compared.ignoreSet()),
            comparison.ranges());
    ModelHeader header = planning.header();
    UnitCutter.Cut cut =
        ModelPlanner.cut(
            cutter,
            header,
            compared.listing(),
            comparison.ranges(),
            comparison.differences(),
            comparison.counts());
    PlannedListing.attach(compared.listed(), List.of(), cut);
    return ModelPlan.of(cut, header, compared.fingerprint(bundle) + reused);
  }

  /** Bundles may be stored in another place than models. */
  private static Map<String, StoredObject> bundle(CatalogEntry entry) throws StorageException {
    return Storages.forUri(entry.bundle())
        .stat(entry.bundle())
        .map(found -> Map.of(entry.bundle(), found))
        .orElse(Map.of());
  }

  /**
   * What comparing a statement's names with a model came to.
   *
   * @param ignoreSet identifies the paths that were ignored
   * @param listed how the model was listed
   */
  record Compared(
      ModelListing listing, ContentComparison comparison, String ignoreSet, ListedModel listed) {

    /** Identifies what was listed and the bundle that it was compared with. */
    String fingerprint(JudgedBundle bundle) {
      return listed.getFingerprint() + ":" + bundle.sha256();
    }

    /** Returns whether a name differs, or a file's length under shards. */
    boolean differs() {
      DifferenceCounts counts = comparison.counts();
      return counts.getMissing() + counts.getExtra() + counts.getChanged() > 0;
    }
  }

  /**
   * Lists the model as its verified statement says, and compares names.
   *
   * @param demandsAllFiles whether a file is extra that the statement could not list
   */
  Compared compare(
      CatalogEntry entry,
      ModelStorage storage,
      Manifest manifest,
      FollowedLinks links,
      boolean demandsAllFiles)
      throws StorageException, OmsException, ModelFailure {
    HostNames.require(entry.model(), manifest.resources().stream().map(Resource::path));
    IgnoreRules user =
        IgnoreRules.forSigning(
            entry.model(),
            ModelPlanner.ignorePaths(entry, settings),
            settings.folders().working(),
            false,
            Optional.empty());
    IgnoreRules recorded =
        IgnoreRules.forVerification(
            entry.model(),
            manifest.serialization(),
            List.of(),
            settings.folders().working(),
            Optional.of(entry.bundle()));
    PlanMemory.take((long) RESOURCE_BYTES * manifest.resources().size());
    SignedNames signed = SignedNames.of(manifest, entry.model(), user);
    Set<String> met = new HashSet<>();
    Predicate<String> ignored = ignored(user, recorded, signed, met);
    ModelListing listing =
        ModelPlanner.listWithoutCopies(
            storage,
            entry,
            settings,
            links.follows(),
            ignored,
            signed::listsOrHolds,
            name ->
                Storages.isRemote(entry.model())
                    && Storages.child(entry.model(), name).equals(entry.bundle()));
    PlannedListing planned = new PlannedListing(entry, settings, listing);
    ContentComparison comparison =
        new ContentComparison(
            signed.matching(listing),
            manifest.serialization(),
            settings.ignored().unsignedFiles(),
            demandsAllFiles,
            settings.limits().recordedDifferences());
    int shards = Math.max(0, manifest.resources().size() - listing.files().size());
    PlanMemory.take((long) ModelPlanner.RANGE_BYTES * shards);
    comparison.compare(listing);
    return new Compared(
        listing,
        comparison,
        ListingScope.ignoreSet(user.recorded(), recorded.recorded()),
        planned.under(user, recorded, met, manifest, links.follows()));
  }

  /** The plan of a model without a bundle that a rule lets pass. */
  static ModelPlan allowedUnsigned(EntryPlanning planning, ModelTrust trust, String consequence) {
    return planning.decided(
        Outcome.ALLOWED_UNSIGNED,
        Message.of(
            "No bundle at %s, and the rule '%s' allows that. %s",
            Printable.of(planning.entry().bundle()), trust.rule(), consequence));
  }

  /**
   * Returns the bundle that counts, and what the check of it came to; empty if there is none and
   * none is needed.
   *
   * @param found the bundle that counts; empty if there is none
   */
  Optional<JudgedBundle> judge(CatalogEntry entry, ModelTrust trust, Optional<StoredObject> found)
      throws StorageException, ModelFailure {
    if (found.isPresent()) {
      long limit = settings.limits().bundle().maxBundleBytes();
      return Optional.of(JudgedBundle.read(found.get(), limit, trust));
    }
    if (Storages.forUri(entry.model()).stat(entry.model()).isEmpty()) {
      throw ModelPlanner.notFound(entry.model());
    }
    if (trust.allowsUnsigned()) {
      return Optional.empty();
    }
    throw new ModelFailure(
        FailureReason.UNSIGNED,
        Message.of("No bundle at %s:", Printable.of(entry.bundle())),
        Remedy.of("sign the model first, or name the bundle with %s.", Setting.SIGNATURE));
  }

  /** Whether links are followed, and which checks that weakens. */
  record FollowedLinks(boolean follows, List<String> weakened) {

    void describe(ModelHeader header) {
      header.setAllowSymlinks(follows);
      header.getWeakened().addAll(weakened);
    }
  }

  /**
   * The bundle says whether links are followed; that the caller allows more is put down. Who signs
   * again takes the bundle's word. That content outside the model may count as the model's is the
   * caller's word alone, whatever the bundle says, and is put down for both.
   */
  FollowedLinks links(Serialization signed) {
    List<String> weakened = new ArrayList<>();
    if (settings.operation() == Operation.VERIFY
        && settings.serialization().allowSymlinks()
        && !signed.allowSymlinks()) {
      weakened.add("allow-symlinks");
    }
    boolean follows = !weakened.isEmpty() || signed.allowSymlinks();
    if (follows && !settings.folders().symlinkRoots().isEmpty()) {
      weakened.add("symlink-root");
    }
    return new FollowedLinks(follows, weakened);
  }

  /**
   * What the caller ignores is passed over; what the bundle ignores is passed over unless the
   * bundle lists it all the same, as the releases 1.0 of the reference client did with Git's files.
   *
   * @param met gets each path that the bundle ignores and the model has
   */
  private static Predicate<String> ignored(
      IgnoreRules user, IgnoreRules recorded, SignedNames signed, Set<String> met) {
    return name -> {
      if (user.ignores(name)) {
        return true;
      }
      Optional<String> path = recorded.ignoredBy(name);
      path.ifPresent(met::add);
      return path.isPresent() && !signed.listsOrHolds(name);
    };
  }

  /**
   * What a verified statement lists, without what the caller ignores.
   *
   * @param byPath the resources by path
   * @param folders all folders above the paths
   * @param lone whether the statement names the model's only file {@value #LONE_FILE}
   */
  private record SignedNames(
      Map<String, List<Resource>> byPath, Set<String> folders, boolean lone) {

    /** How release 1.1.1 of the reference client names the resource of a model that is a file. */
    private static final String LONE_FILE = ".";

    static SignedNames of(Manifest manifest, String model, IgnoreRules ignoredByCaller) {
      List<Resource> resources = manifest.resources();
      boolean lone = resources.stream().allMatch(resource -> resource.path().equals(LONE_FILE));
      Map<String, List<Resource>> byPath = new HashMap<>(resources.size() * 4 / 3 + 1);
      Set<String> folders = new HashSet<>();
      for (Resource resource : resources) {
        String path = lone ? Storages.baseName(model) : resource.path();
        if (ignoredByCaller.ignores(path)) {
          continue;
        }
        add(byPath, path, resource);
        NameFilter.addFolders(folders, path);
      }
      return new SignedNames(byPath, folders, lone);
    }

    /** Most files have one resource, which then takes no list that could grow. */
    private static void add(Map<String, List<Resource>> byPath, String path, Resource resource) {
      List<Resource> before = byPath.putIfAbsent(path, List.of(resource));
      if (before instanceof ArrayList<Resource> growing) {
        growing.add(resource);
      } else if (before != null) {
        List<Resource> growing = new ArrayList<>(before);
        growing.add(resource);
        byPath.put(path, growing);
      }
    }

    /** Whether {@code name} is signed, or a folder in which something is. */
    boolean listsOrHolds(String name) {
      return byPath.containsKey(name) || folders.contains(name);
    }

    /**
     * The resources by path. A model that is a single file may have been renamed since it was
     * signed: its only resource goes with whatever the file is called. In a folder no file is
     * called {@value #LONE_FILE}.
     */
    Map<String, List<Resource>> matching(ModelListing listing) {
      if (lone && !listing.singleFile() && !byPath.isEmpty()) {
        return only(LONE_FILE);
      }
      if (!listing.singleFile() || byPath.size() != 1 || listing.files().size() != 1) {
        return byPath;
      }
      return only(listing.files().get(0).name());
    }

    private Map<String, List<Resource>> only(String name) {
      return new HashMap<>(Map.of(name, byPath.values().iterator().next()));
    }
  }
}
