package dev.countersign.catalog;

/**
 * Model and what to call it.
 *
 * @param model URI, as {@link dev.countersign.storage.Storages} describes; nothing may lie there
 * @param name a label: the path below the glob's fixed part, or the base name
 * @param linkTo as in {@link CatalogEntry#linkTo()}
 * @param globRoot as in {@link CatalogEntry#globRoot()}
 */
public record NamedModel(String model, String name, String linkTo, String globRoot) {

  /** A model that is named without a glob. */
  public NamedModel(String model, String name) {
    this(model, name, "", "");
  }

  /** Returns the entry of this model, which no catalog names. */
  public CatalogEntry entry(long id, BundleTemplate bundles) throws CatalogException {
    return CatalogEntry.builder(id, model)
        .name(name)
        .bundle(bundles.resolve(model, true, name, ""))
        .bundleByKind(bundles.dependsOnKind())
        .linkTo(linkTo)
        .globRoot(globRoot)
        .build();
  }
}
