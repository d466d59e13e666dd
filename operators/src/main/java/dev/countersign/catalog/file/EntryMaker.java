package dev.countersign.catalog.file;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.EntryRules;
import dev.countersign.catalog.Places;
import dev.countersign.oms.CanonicalName;
import dev.countersign.remedy.Setting;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes entries of a catalog's records, within the user's rules. Not thread safe. */
final class EntryMaker {

  /**
   * How a bundle may be called that a catalog places. Signing replaces what lies there, and the
   * catalog's author must not choose a model's weights, or somebody's file beside it.
   */
  private static final List<String> BUNDLE_ENDINGS = List.of(".sig", ".sigstore", ".sigstore.json");

  private static final int REMEMBERED_STORES = 64;

  private final String catalog;
  private final String folder;
  private final String noun;
  private final EntryRules rules;

  /** Stores of the caller's, and some of the site's, as {@link StoreUri#store} spells them. */
  private final Set<String> knownStores;

  private final Places places = new Places();

  /** Makes entries of the catalog at a URI. */
  EntryMaker(String catalog, CatalogFormat format, EntryRules rules) {
    this.catalog = Printable.of(catalog);
    this.folder = Storages.parent(catalog);
    this.noun = format == CatalogFormat.AVRO ? "record" : "line";
    this.rules = rules;
    this.knownStores = new HashSet<>(rules.stores());
    knownStores.add("");
    knownStores.add(StoreUri.parse(catalog).store());
    rules.signatureRoots().forEach(root -> knownStores.add(StoreUri.parse(root).store()));
  }

  /** A rule that a record breaks. */
  private static final class BadRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    BadRecordException(String message) {
      super(message, null, false, false);
    }

    @FormatMethod
    static BadRecordException of(@FormatString String format, Object... arguments) {
      return new BadRecordException(Message.of(format, arguments));
    }
  }

  /** Returns the entry that a record stands for, which may be a bad one. */
  CatalogEntry entry(long id, CatalogRecord record) {
    if (!record.fault().isEmpty()) {
      return bad(id, record, record.fault());
    }
    try {
      return good(id, record);
    } catch (BadRecordException | CatalogException e) {
      return bad(id, record, String.valueOf(e.getMessage()));
    }
  }

  private CatalogEntry bad(long id, CatalogRecord record, String fault) {
    return CatalogEntry.builder(id, record.model())
        .line(record.line())
        .name(record.name())
        .version(record.version())
        .labels(record.labels())
        .fault(Message.of("%s, %s %d: %s", catalog, noun, record.line(), fault))
        .build();
  }

  private CatalogEntry good(long id, CatalogRecord record)
      throws BadRecordException, CatalogException {
    String model = model(record.model());
    String name = record.name().isEmpty() ? Storages.baseName(model) : record.name();
    boolean byKind = record.signature().isEmpty() && rules.bundles().dependsOnKind();
    String bundle =
        record.signature().isEmpty()
            ? rules.bundles().resolve(model, true, name, record.version())
            : placedBundle(record.signature(), model, name, record.version());
    return CatalogEntry.builder(id, model)
        .line(record.line())
        .name(name)
        .version(record.version())
        .bundle(requireLength("bundle", bundle))
        .bundleByKind(byKind)
        .ignorePaths(ignorePaths(record.ignorePaths()))
        .labels(record.labels())
        .build();
  }

  private String model(String given) throws BadRecordException {
    if (given.isBlank()) {
      throw new BadRecordException(
          "the field model is missing or empty. Name a path, or a URI, relative to the catalog's"
              + " folder.");
    }
    String model = requireLength("model", exact(given));
    if (StoreUri.parse(model).scheme().equals("file")) {
      throw BadRecordException.of(
          "the model %s is a file of another host. Name a path of this one.", Printable.of(model));
    }
    requireKnownStore("model", model);
    return model;
  }

  private String exact(String given) throws BadRecordException {
    try {
      return Storages.exact(given, folder);
    } catch (StorageException e) {
      throw new BadRecordException(String.valueOf(e.getMessage()));
    }
  }

  /** The author of a catalog must not choose whom this machine sends requests to. */
  private void requireKnownStore(String field, String uri) throws BadRecordException {
    String store = StoreUri.parse(uri).store();
    if (knownStores.contains(store)) {
      return;
    }
    try {
      Storages.requireFileSystem(uri);
      if (Storages.isConfigured(uri)) {
        if (knownStores.size() < REMEMBERED_STORES) {
          knownStores.add(store);
        }
        return;
      }
    } catch (StorageException e) {
      throw new BadRecordException(String.valueOf(e.getMessage()));
    }
    throw BadRecordException.of(
        "the %s %s is on a store that neither the command nor the site's configuration names. If"
            + " you trust it, allow it with %s %s.",
        field, Printable.of(uri), Setting.ALLOW_STORE, Printable.of(store));
  }

  private String placedBundle(String signature, String model, String name, String version)
      throws BadRecordException, CatalogException {
    String bundle = BundleTemplate.parse(signature, folder).resolve(model, true, name, version);
    String file = Storages.baseName(bundle);
    if (BUNDLE_ENDINGS.stream().noneMatch(file::endsWith)) {
      throw BadRecordException.of(
          "the signature %s does not end with .sig, .sigstore or .sigstore.json, as the bundles of"
              + " a catalog must. Rename it.",
          Printable.of(bundle));
    }
    Optional<String> folder =
        StoreUri.parse(bundle).scheme().equals("file")
            ? Optional.empty()
            : allowedFolder(Storages.parent(bundle), model);
    return Storages.child(
        folder.orElseThrow(
            () ->
                BadRecordException.of(
                    "the signature %s is neither in the model %s nor next to it nor under a %s."
                        + " Move it, or allow its folder with %s.",
                    Printable.of(bundle),
                    Printable.of(model),
                    Setting.SIGNATURE_ROOT,
                    Setting.SIGNATURE_ROOT)),
        file);
  }

  /**
   * Returns a bundle's folder as one in the model, beside it, or under a root, whatever links lead
   * there; empty if it is none of these. What follows the name so returned can tell if a link turns
   * up below the model or the root later on; a link on another way there could be turned unnoticed.
   */
  private Optional<String> allowedFolder(String folder, String model) throws CatalogException {
    String real = places.folder(folder);
    String beside = Storages.parent(model);
    String realModel = places.real(model);
    if (Places.holds(realModel, real)) {
      return Optional.of(Places.moved(real, realModel, model));
    }
    if (real.equals(places.folder(beside))) {
      return Optional.of(beside);
    }
    for (String root : rules.signatureRoots()) {
      String realRoot = places.folder(root);
      if (Places.holds(realRoot, real)) {
        return Optional.of(Places.moved(real, realRoot, root));
      }
    }
    return Optional.empty();
  }

  private List<String> ignorePaths(List<String> given) throws BadRecordException {
    List<String> paths = new ArrayList<>(given.size());
    for (String path : given) {
      String name = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
      if (!CanonicalName.isCanonical(name)) {
        throw BadRecordException.of(
            "the path %s in ignore_paths is not a path in the model. Write the path of a file or"
                + " folder from the model's root, such as logs/old.",
            Printable.of(path));
      }
      paths.add(name);
    }
    if (rules.ignores() == EntryRules.Ignores.REFUSED && !paths.isEmpty()) {
      throw new BadRecordException(
          "the field ignore_paths leaves files out of the model, which a catalog may do only with "
              + Setting.ALLOW_CATALOG_IGNORES
              + ". Give that option, or remove the field.");
    }
    return rules.ignores() == EntryRules.Ignores.ALLOWED ? paths : List.of();
  }

  private static String requireLength(String what, String uri) throws BadRecordException {
    if (uri.length() > CatalogLimits.MAX_URI) {
      throw BadRecordException.of(
          "the URI of the %s has %d characters, but may have %d. Shorten it.",
          what, uri.length(), CatalogLimits.MAX_URI);
    }
    return uri;
  }
}
