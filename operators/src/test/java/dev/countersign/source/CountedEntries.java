package dev.countersign.source;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.EntryStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** A catalog that counts how far it was read, and how often from its start. */
public final class CountedEntries implements CatalogSource {

  private static final long serialVersionUID = 1L;

  private final long size;
  private final transient LongFunction<CatalogEntry> entries;
  private final transient AtomicLong read = new AtomicLong();
  private final transient AtomicInteger opened = new AtomicInteger();
  private String identity = "0a1b";
  private volatile boolean changed;

  public CountedEntries(long size, LongFunction<CatalogEntry> entries) {
    this.size = size;
    this.entries = entries;
  }

  /** How many entries were read by the stream that was opened last. */
  public long read() {
    return read.get();
  }

  public int opened() {
    return opened.get();
  }

  /** From now on it is another catalog, which only reading it shows. */
  void change() {
    changed = true;
  }

  public void changeIdentity() {
    identity = "0b2c";
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public EntryStream open() {
    opened.incrementAndGet();
    read.set(0);
    return new EntryStream() {
      @Override
      public Optional<CatalogEntry> next() throws CatalogException {
        if (changed) {
          throw new CatalogException("The catalog changed.");
        }
        return read.get() == size
            ? Optional.empty()
            : Optional.of(entries.apply(read.getAndIncrement()));
      }

      @Override
      public void close() {}
    };
  }
}
