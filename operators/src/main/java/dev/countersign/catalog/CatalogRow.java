package dev.countersign.catalog;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One model as a catalog names it.
 *
 * @param model URI, absolute or relative to the catalog's folder
 * @param name what to call it
 * @param version its version; empty if none is known
 * @param labels what else is known, by column; what is not known is left out
 */
public record CatalogRow(String model, String name, String version, Map<String, String> labels) {

  /** Copies the labels, whose order is kept. */
  public CatalogRow {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /** Returns the same model under another URI. */
  public CatalogRow withModel(String other) {
    return new CatalogRow(other, name, version, labels);
  }
}
