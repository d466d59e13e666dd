package dev.countersign.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Entries of a source, read from a stream of their own. */
public final class StreamedEntries {

  private StreamedEntries() {}

  /** All that a new stream has, in order. */
  public static List<CatalogEntry> of(CatalogSource source) throws Exception {
    List<CatalogEntry> entries = new ArrayList<>();
    try (EntryStream stream = source.open()) {
      for (Optional<CatalogEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        entries.add(next.get());
      }
    }
    return entries;
  }
}
