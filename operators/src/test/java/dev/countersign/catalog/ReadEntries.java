package dev.countersign.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a source gives. */
public final class ReadEntries {

  private ReadEntries() {}

  /** All that a new stream has, in order. */
  public static List<CatalogEntry> all(CatalogSource source) throws Exception {
    List<CatalogEntry> entries = new ArrayList<>();
    try (EntryStream stream = source.open()) {
      for (Optional<CatalogEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        entries.add(next.get());
      }
    }
    return entries;
  }
}
