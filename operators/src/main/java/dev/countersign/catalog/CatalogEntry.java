package dev.countersign.catalog;

import dev.countersign.storage.GlobScope;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * One model to work on, or a line of a catalog that names none.
 *
 * @param id position in the catalog, from 0; unique in a run, as names are not
 * @param line line of the catalog that the entry begins on, from 1; 0 if no catalog names it
 * @param model URI, as {@link Storages} describes; if {@code fault} is present, what was given as
 *     such, or empty
 * @param name a label: the path below a glob's fixed part, the base name, or the catalog's name
 * @param version a label; empty if there is none
 * @param bundle URI of the signature; empty if the run has none, as when only digests are wanted
 * @param bundleByKind whether {@code bundle} is right for a directory only, and the bundle of a
 *     file lies beside it, see {@link #settled()}
 * @param ignorePaths paths in the model that the catalog leaves out and that count in this run,
 *     canonical names from its root
 * @param labels what else the catalog says, by name; means nothing to this program
 * @param fault why the line names no model to work on, for people; empty for a good one
 * @param linkTo URI of another model of the run that a glob's match is only a link to, so that
 *     nothing is done with this entry; empty for any other
 * @param globRoot fixed part of the glob that matches the model; empty if it is named without one
 */
public record CatalogEntry(
    long id,
    long line,
    String model,
    String name,
    String version,
    String bundle,
    boolean bundleByKind,
    List<String> ignorePaths,
    Map<String, String> labels,
    String fault,
    String linkTo,
    String globRoot)
    implements Serializable {

  /** Copies the collections, and refuses an entry without a model. */
  public CatalogEntry {
    if (id < 0 || (model.isEmpty() && fault.isEmpty())) {
      throw new IllegalArgumentException("An entry needs an id from 0 and a model: " + id);
    }
    ignorePaths = List.copyOf(ignorePaths);
    labels = Map.copyOf(labels);
  }

  /** Returns a builder of an entry for a model, of which nothing else is known yet. */
  public static Builder builder(long id, String model) {
    return new Builder(id, model);
  }

  /** Tells whether there is a model to work on. */
  public boolean isGood() {
    return fault.isEmpty() && !isLink();
  }

  /** Tells whether the entry is only a link to another model of the run, which is worked on. */
  public boolean isLink() {
    return !linkTo.isEmpty();
  }

  /** Returns why nothing is done with an entry that is only a link, for people. */
  public String linkText() {
    return Message.of("A link to %s, which this run names too.", Printable.of(linkTo));
  }

  /** Returns the folders that the model must be stored below. */
  public GlobScope scope(List<String> symlinkRoots) {
    return GlobScope.of(globRoot, symlinkRoots);
  }

  /**
   * Returns a link as a model of its own if a bundle of its own is there: that of what it leads to
   * says nothing about whether this name may lead there. All else is returned as it is. The store
   * has to be asked.
   */
  public CatalogEntry modelIfSignedItself() {
    if (!isLink() || bundle.isEmpty()) {
      return this;
    }
    CatalogEntry own = linkedTo("").settled();
    try {
      if (Storages.forUri(own.bundle).stat(own.bundle).isEmpty()) {
        return this;
      }
      String place = Storages.resolveLinks(own.bundle);
      String target = Storages.resolveLinks(linkTo);
      return Places.holds(target, place) || place.equals(Storages.resolveLinks(linkTo + ".sig"))
          ? this
          : own;
    } catch (StorageException e) {
      // Working on it says what is wrong.
      return own;
    }
  }

  /**
   * Returns the entry with its bundle's true place, for which the store may have to be asked. What
   * is not there, or cannot be asked, counts as a directory: working on it says what is wrong.
   */
  public CatalogEntry settled() {
    return bundleByKind ? settled(isFile()) : this;
  }

  /**
   * Returns the entry with its bundle's true place, which is beside the model if that is a file.
   */
  public CatalogEntry settled(boolean isFile) {
    if (!bundleByKind) {
      return this;
    }
    return copy(id).bundle(isFile ? model + ".sig" : bundle).bundleByKind(false).build();
  }

  /**
   * As {@link #settled}, if that takes no call to a network: entries are settled one after the
   * other before a run, but planned many at a time.
   */
  public CatalogEntry settledIfLocal() {
    return Storages.isRemote(model) ? this : settled();
  }

  /** Returns the entry under another id. */
  public CatalogEntry withId(long newId) {
    return copy(newId).build();
  }

  /** Returns the entry as a link to another model. */
  CatalogEntry linkedTo(String target) {
    return copy(id).linkTo(target).build();
  }

  /** Returns the entry with nothing left out by the catalog. */
  public CatalogEntry withoutIgnorePaths() {
    return copy(id).ignorePaths(List.of()).build();
  }

  /** Returns the entry as one that is not worked on. */
  public CatalogEntry refused(String why) {
    return copy(id).fault(why).build();
  }

  /** Tells whether the model is certainly something else than a directory. */
  public boolean isFile() {
    try {
      return Storages.forUri(model)
          .stat(model)
          .map(found -> found.kind() != StoredObject.Kind.DIRECTORY)
          .orElse(false);
    } catch (StorageException e) {
      return false;
    }
  }

  private Builder copy(long newId) {
    return new Builder(newId, model)
        .line(line)
        .name(name)
        .version(version)
        .bundle(bundle)
        .bundleByKind(bundleByKind)
        .ignorePaths(ignorePaths)
        .labels(labels)
        .fault(fault)
        .linkTo(linkTo)
        .globRoot(globRoot);
  }

  /** Builder of an entry; what is not set is empty. Not thread safe. */
  public static final class Builder {
    private final long id;
    private final String model;
    private long line;
    private String name = "";
    private String version = "";
    private String bundle = "";
    private boolean bundleByKind;
    private List<String> ignorePaths = List.of();
    private Map<String, String> labels = Map.of();
    private String fault = "";
    private String linkTo = "";
    private String globRoot = "";

    private Builder(long id, String model) {
      this.id = id;
      this.model = model;
    }

    public Builder line(long value) {
      line = value;
      return this;
    }

    public Builder name(String value) {
      name = value;
      return this;
    }

    public Builder version(String value) {
      version = value;
      return this;
    }

    public Builder bundle(String value) {
      bundle = value;
      return this;
    }

    public Builder bundleByKind(boolean value) {
      bundleByKind = value;
      return this;
    }

    public Builder ignorePaths(List<String> value) {
      ignorePaths = value;
      return this;
    }

    public Builder labels(Map<String, String> value) {
      labels = value;
      return this;
    }

    public Builder fault(String value) {
      fault = value;
      return this;
    }

    public Builder linkTo(String value) {
      linkTo = value;
      return this;
    }

    public Builder globRoot(String value) {
      globRoot = value;
      return this;
    }

    /** Returns the entry. */
    public CatalogEntry build() {
      return new CatalogEntry(
          id,
          line,
          model,
          name,
          version,
          bundle,
          bundleByKind,
          ignorePaths,
          labels,
          fault,
          linkTo,
          globRoot);
    }
  }
}
