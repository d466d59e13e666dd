package dev.countersign.catalog;

import dev.countersign.text.StoreUri;
import java.io.Serializable;
import java.util.List;

/**
 * What the user, not the catalog, says about its entries.
 *
 * @param bundles where bundles lie of which the catalog says nothing
 * @param signatureRoots URIs of folders, beside a model and its own folder, that the catalog may
 *     place bundles in
 * @param stores the stores, as {@link StoreUri#store} spells them, that the catalog may name beside
 *     its own, those of {@code signatureRoots} and those that the site's configuration names
 * @param ignores what is done with the paths to ignore that the catalog names
 */
public record EntryRules(
    BundleTemplate bundles, List<String> signatureRoots, List<String> stores, Ignores ignores)
    implements Serializable {

  /** What is done with the paths to ignore that a catalog names. */
  public enum Ignores {
    /** They count. */
    ALLOWED,
    /** They do not count: each model's bundle says what was left out. */
    SKIPPED,
    /**
     * An entry that names any is a bad one. Without them, more would be signed than the catalog
     * says; with them, its author would decide what a signature covers.
     */
    REFUSED
  }

  public EntryRules {
    signatureRoots = List.copyOf(signatureRoots);
    stores = List.copyOf(stores);
  }
}
