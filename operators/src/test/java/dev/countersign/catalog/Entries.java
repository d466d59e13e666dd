package dev.countersign.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a source gives. */
final class Entries {

  private Entries() {}

  /** All that a new stream has, in order. */
  static List<CatalogEntry> all(CatalogSource source) throws Exception {
    List<CatalogEntry> entries = new ArrayList<>();
    try (EntryStream stream = source.open()) {
      for (Optional<CatalogEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        entries.add(next.get());
      }
    }
    return entries;
  }
}
