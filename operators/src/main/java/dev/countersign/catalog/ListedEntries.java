package dev.countersign.catalog;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Entries that were listed before the run, as those of a command line are. */
public final class ListedEntries implements CatalogSource {

  private static final long serialVersionUID = 1L;

  private final List<CatalogEntry> entries;

  private ListedEntries(List<CatalogEntry> entries) {
    this.entries = entries;
  }

  /**
   * A source of these entries.
   *
   * @throws IllegalArgumentException if an entry's id is not its position
   */
  public static ListedEntries of(List<CatalogEntry> entries) {
    for (int position = 0; position < entries.size(); position++) {
      if (entries.get(position).id() != position) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "the id of entry %d is another", position));
      }
    }
    return new ListedEntries(List.copyOf(entries));
  }

  @Override
  public long size() {
    return entries.size();
  }

  /** Returns nothing: the entries travel with the job. */
  @Override
  public String identity() {
    return "";
  }

  @Override
  public EntryStream open() {
    Iterator<CatalogEntry> rest = entries.iterator();
    return new EntryStream() {
      @Override
      public Optional<CatalogEntry> next() {
        return rest.hasNext() ? Optional.of(rest.next()) : Optional.empty();
      }

      @Override
      public void close() throws IOException {}
    };
  }
}
