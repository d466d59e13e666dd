package dev.countersign.catalog;

import java.io.Serializable;
import java.util.List;

/**
 * What the user, not the catalog, says about its entries.
 *
 * @param bundles where bundles lie of which the catalog says nothing
 * @param signatureRoots URIs of folders, beside a model and its own folder, that the catalog may
 *     place bundles in
 * @param ignorePathsCount whether the paths to ignore count that the catalog names
 */
public record EntryRules(
    BundleTemplate bundles, List<String> signatureRoots, boolean ignorePathsCount)
    implements Serializable {

  /** Copies the list. */
  public EntryRules {
    signatureRoots = List.copyOf(signatureRoots);
  }
}
