package dev.countersign.source.feed;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import dev.countersign.storage.StorageException;
import java.io.Closeable;
import java.util.OptionalLong;
import java.util.function.LongPredicate;

/**
 * The entries of a run as far as they are needed: those of models that are begun, and a few ahead.
 *
 * <p>The enumerator's thread owns it, except for {@link #read}, which may block on a store: one
 * other thread at a time calls it, after {@link #begin} said so and before what it returned has
 * run; and except for {@link #watched}, which any thread may call.
 */
public interface EntryFeed extends Closeable {

  /**
   * Makes sure that what to go on from fits.
   *
   * @throws CatalogException if it is of a run over another catalog
   */
  void requireSame() throws CatalogException;

  /** Returns how many entries there will be; {@link Long#MAX_VALUE} if they have no end. */
  long size();

  /** Returns how many models there are now. */
  default long watched() {
    return size();
  }

  /** Puts what this needs to go on from into a checkpoint. */
  void save(EnumeratorState state);

  /** Returns the first entry that was not read yet. */
  long end();

  /** Tells whether the entries of all models that were begun are there. */
  boolean isReady();

  /**
   * Tells whether to read on now; if so, it counts as reading until what was read is taken.
   *
   * @param cursor the next entry that will be begun
   */
  boolean begin(long cursor);

  /**
   * Returns in how many milliseconds to ask {@link #begin} again, if only time has to pass.
   *
   * @param cursor the next entry that will be begun
   */
  default OptionalLong untilNext(long cursor) {
    return OptionalLong.empty();
  }

  /**
   * Reads the next entries.
   *
   * @return takes what was read; to be run in the enumerator's thread
   * @throws CatalogException if the catalog cannot be read, and trying again would not help
   */
  Runnable read() throws CatalogException, StorageException;

  /** Returns an entry that was read and is needed. */
  CatalogEntry entry(long id);

  /** Tells whether the model of an entry was worked on before, under another entry's id. */
  default boolean isKnown(long id) {
    return false;
  }

  /** Forgets the entries of models that can't be planned again. */
  void retain(LongPredicate needed);

  /** Learns that a model has a result. */
  default void ended(EndedModel model) {}
}
