package dev.countersign.catalog;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Entries that were listed before the run, as those of a command line are. They are kept packed, in
 * some tens of bytes each, since several parts of a run hold them to its end.
 */
public final class ListedEntries implements CatalogSource {

  private static final long serialVersionUID = 1L;

  /** After so many entries both sides forget those before, to which a later one might refer. */
  private static final int REMEMBERED = 256;

  private final byte[] packed;
  private final int size;

  private ListedEntries(byte[] packed, int size) {
    this.packed = packed;
    this.size = size;
  }

  /**
   * A source of these entries.
   *
   * @throws IllegalArgumentException if an entry's id is not its position
   */
  public static ListedEntries of(List<CatalogEntry> entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(new GZIPOutputStream(bytes))) {
      for (int position = 0; position < entries.size(); position++) {
        CatalogEntry entry = entries.get(position);
        if (entry.id() != position) {
          throw new IllegalArgumentException(
              String.format(Locale.ROOT, "the id of entry %d is another", position));
        }
        out.writeObject(entry);
        if (position % REMEMBERED == 0) {
          out.reset();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory failed", e);
    }
    return new ListedEntries(bytes.toByteArray(), entries.size());
  }

  @Override
  public long size() {
    return size;
  }

  /** Returns nothing: the entries travel with the job. */
  @Override
  public String identity() {
    return "";
  }

  @Override
  public EntryStream open() {
    try {
      return new Unpacked(
          new ObjectInputStream(new GZIPInputStream(new ByteArrayInputStream(packed))), size);
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory failed", e);
    }
  }

  /** Reads what {@link #of} has packed. */
  private static final class Unpacked implements EntryStream {
    private final ObjectInputStream in;
    private int rest;

    Unpacked(ObjectInputStream in, int size) {
      this.in = in;
      this.rest = size;
    }

    @Override
    public Optional<CatalogEntry> next() {
      if (rest == 0) {
        return Optional.empty();
      }
      rest--;
      try {
        return Optional.of((CatalogEntry) in.readObject());
      } catch (IOException | ClassNotFoundException e) {
        throw new IllegalStateException("packed entries are damaged", e);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
