package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.faults.LibraryFaults;
import dev.countersign.listings.ListingScope;
import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.Sha256;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
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
import dev.countersign.verification.CertifiedSigner;
import dev.countersign.verification.ModelTrust;
import dev.countersign.verification.VerificationException;
import dev.countersign.verification.VerifiedBundle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Plans a model that is to be verified: the signature is checked first, so nothing is listed or
 * hashed for a bad one; then names are compared, and what is left to compare is content.
 */
final class VerifyPlanner {

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

  ModelPlan plan(CatalogEntry entry, ModelHeader header, ModelStorage storage)
      throws StorageException, OmsException, VerificationException, ModelFailure {
    ModelTrust trust = verifier.forModel(entry.model());
    header.setPolicyRule(trust.rule());
    // Bundles may lie on another store than models.
    Optional<StoredObject> bundle = Storages.forUri(entry.bundle()).stat(entry.bundle());
    Optional<Manifest> signed = verifiedManifest(entry, header, trust, bundle);
    return signed.isPresent()
        ? plan(entry, header, storage, signed.get())
        : allowedUnsigned(header, trust, "Nothing was verified.");
  }

  private ModelPlan plan(
      CatalogEntry entry, ModelHeader header, ModelStorage storage, Manifest manifest)
      throws StorageException, OmsException, ModelFailure {
    Compared compared = compare(entry, header, storage, manifest, false);
    ContentComparison comparison = compared.comparison();
    String reused = reuse.apply(header, comparison.ranges(), compared.ignoreSet());
    UnitCutter.Cut cut =
        cutter.cut(header, comparison.ranges(), comparison.differences(), comparison.counts());
    PlannedListing.attach(compared.listed(), cut);
    return ModelPlan.of(cut, header, compared.fingerprint(header) + reused);
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
    String fingerprint(ModelHeader header) {
      return listed.getFingerprint() + ":" + header.getBundleSha256();
    }
  }

  /**
   * Lists the model as its verified statement says, and compares names.
   *
   * @param demandsAllFiles whether a file is extra that the statement could not list
   */
  Compared compare(
      CatalogEntry entry,
      ModelHeader header,
      ModelStorage storage,
      Manifest manifest,
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
    SignedNames signed = SignedNames.of(manifest, entry.model(), user);
    Set<String> met = new HashSet<>();
    Predicate<String> ignored = ignored(user, recorded, signed, met);
    ModelListing listing =
        ModelPlanner.listWithoutCopies(
            storage,
            entry,
            settings,
            followsLinks(manifest.serialization(), header),
            ignored,
            signed::listsOrHolds);
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
        new PlannedListing(entry, settings, listing)
            .under(user, recorded, met, manifest, header.getAllowSymlinks()));
  }

  /** The plan of a model without a bundle that a rule lets pass. */
  static ModelPlan allowedUnsigned(ModelHeader header, ModelTrust trust, String consequence) {
    return ModelPlan.decided(
        header,
        Outcome.ALLOWED_UNSIGNED,
        Message.of(
            "No bundle at %s, and the rule '%s' allows that. %s",
            Printable.of(header.getBundle()), trust.rule(), consequence));
  }

  /**
   * Bundle and payload, which may be large, are garbage once this is back. Empty if there is no
   * bundle and none is needed.
   *
   * @param found the bundle that counts; empty if there is none
   */
  Optional<Manifest> verifiedManifest(
      CatalogEntry entry, ModelHeader header, ModelTrust trust, Optional<StoredObject> found)
      throws StorageException, ModelFailure {
    Optional<VerifiedBundle> verified = readBundle(entry, header, trust, found);
    verified.ifPresent(bundle -> describe(header, bundle));
    return verified.map(VerifiedBundle::manifest);
  }

  private Optional<VerifiedBundle> readBundle(
      CatalogEntry entry, ModelHeader header, ModelTrust trust, Optional<StoredObject> found)
      throws StorageException, ModelFailure {
    if (found.isPresent()) {
      String uri = found.get().uri();
      long limit = settings.limits().bundle().maxBundleBytes();
      // What is over the limit is not read, so it takes nothing.
      long length = found.get().length() > limit ? 0 : found.get().length();
      try (PlanMemory.Part unused = PlanMemory.ofThisProcess().check(uri, length)) {
        byte[] bundle = Storages.forUri(uri).readFully(uri, limit);
        header.setBundleSha256(Sha256.hex(bundle));
        return Optional.of(checkBundle(uri, header, trust, bundle));
      }
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

  /** Checks signature and statement; messages of the format name the bundle here. */
  private VerifiedBundle checkBundle(
      String uri, ModelHeader header, ModelTrust trust, byte[] bundle) throws ModelFailure {
    try {
      return trust.verify(bundle);
    } catch (OmsException | VerificationException e) {
      if (e instanceof VerificationException untrusted) {
        untrusted.claimed().map(SignerCertificates::of).ifPresent(header::setCertificate);
      }
      ModelFailure failure = LibraryFaults.failureOf(e);
      throw new ModelFailure(
          failure.reason(),
          Message.of("%s: %s", Printable.of(uri), failure.problem()),
          failure.remedy());
    }
  }

  /**
   * Notes what the bundle says, but for its ignored paths: they are as many as its author likes,
   * and each unit would carry them.
   */
  private void describe(ModelHeader header, VerifiedBundle verified) {
    SignPlanner.describe(header, verified.manifest().serialization());
    describeSigner(header, verified);
    if (verified.certified().filter(CertifiedSigner::atChosenTime).isPresent()
        && !header.getWeakened().contains(PlanSettings.CERTIFICATE_TIME)) {
      header.getWeakened().add(PlanSettings.CERTIFICATE_TIME);
    }
  }

  /** Notes whose signature a bundle has, and over what. */
  static void describeSigner(ModelHeader header, VerifiedBundle verified) {
    header.setRootDigest(verified.manifest().rootDigest().hex());
    header.setSignatureMethod(verified.method().name().toLowerCase(Locale.ROOT));
    header.setSigner(verified.signer());
    verified.certified().map(SignerCertificates::of).ifPresent(header::setCertificate);
  }

  /**
   * The bundle says whether links are followed; that the caller allows more is put down. Who signs
   * again takes the bundle's word. That content outside the model may count as the model's is the
   * caller's word alone, whatever the bundle says, and is put down for both.
   */
  private boolean followsLinks(Serialization signed, ModelHeader header) {
    boolean more =
        settings.operation() == Operation.VERIFY
            && settings.serialization().allowSymlinks()
            && !signed.allowSymlinks();
    if (more) {
      header.getWeakened().add("allow-symlinks");
    }
    boolean follows = more || signed.allowSymlinks();
    if (follows && !settings.folders().symlinkRoots().isEmpty()) {
      header.getWeakened().add("symlink-root");
    }
    header.setAllowSymlinks(follows);
    return follows;
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
        return Map.of(LONE_FILE, byPath.values().iterator().next());
      }
      if (!listing.singleFile() || byPath.size() != 1 || listing.files().size() != 1) {
        return byPath;
      }
      return Map.of(listing.files().get(0).name(), byPath.values().iterator().next());
    }
  }
}
