package dev.countersign.source.feed;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.EntryStream;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.PlannedModel;
import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a catalog that does not change. After a restore it is read again from its start;
 * of what lies below the cursor, only the models in the window are kept.
 */
public final class CatalogFeed implements EntryFeed {

  /** How many entries are read in one go; up to twice as many are ahead of the cursor. */
  public static final int BATCH = 256;

  private final CatalogSource source;
  private final Map<Long, CatalogEntry> entries = new HashMap<>();
  private final Set<Long> window = new HashSet<>();
  private final long resumeAt;
  private final boolean isOfAnother;
  private long end;
  private boolean reading;
  private volatile @Nullable EntryStream stream;
  private volatile boolean closed;

  /**
   * A feed.
   *
   * @param saved what to go on from; null to start at the first entry
   */
  public CatalogFeed(CatalogSource source, @Nullable EnumeratorState saved) {
    this.source = source;
    this.resumeAt = saved == null ? 0 : saved.getCursor();
    this.isOfAnother =
        saved != null
            && (!saved.getCatalog().equals(source.identity()) || resumeAt > source.size());
    if (saved != null) {
      saved.getWindow().stream().map(PlannedModel::getEntryId).forEach(window::add);
    }
  }

  @Override
  public void requireSame() throws CatalogException {
    if (isOfAnother) {
      throw new CatalogException(
          "The state to resume from is of a run over other models. Give the same catalog or the"
              + " same MODEL arguments (a glob must match the same models), or start without the"
              + " state.");
    }
  }

  @Override
  public long size() {
    return source.size();
  }

  @Override
  public void save(EnumeratorState state) {
    state.setCatalog(source.identity());
  }

  @Override
  public long end() {
    return end;
  }

  @Override
  public boolean isReady() {
    return end >= resumeAt;
  }

  @Override
  public boolean begin(long cursor) {
    if (reading || closed || end >= source.size() || end - cursor >= BATCH) {
      return false;
    }
    reading = true;
    return true;
  }

  /** Reads the next entries; after a restore, first all up to the cursor. */
  @Override
  public Runnable read() throws CatalogException, StorageException {
    EntryStream open = stream;
    if (open == null) {
      open = source.open();
      stream = open;
      if (closed) {
        // Closed meanwhile, by one who could not see this stream.
        close(open);
      }
    }
    List<CatalogEntry> needed = new ArrayList<>();
    long read = 0;
    for (int ahead = 0; ahead < BATCH; ) {
      Optional<CatalogEntry> next = open.next();
      if (next.isEmpty()) {
        return accepting(needed, source.size());
      }
      CatalogEntry entry = next.get();
      read = entry.id() + 1;
      boolean isAhead = entry.id() >= resumeAt;
      ahead += isAhead ? 1 : 0;
      if (isAhead || window.contains(entry.id())) {
        needed.add(entry);
      }
    }
    return accepting(needed, read);
  }

  /** Takes the entries that are needed; {@code readTo} is the first that was not read yet. */
  private Runnable accepting(List<CatalogEntry> needed, long readTo) {
    return () -> {
      reading = false;
      end = readTo;
      needed.forEach(entry -> entries.put(entry.id(), entry));
    };
  }

  @Override
  public CatalogEntry entry(long id) {
    return Objects.requireNonNull(entries.get(id), "an entry was forgotten too early");
  }

  @Override
  public void retain(LongPredicate needed) {
    entries.keySet().removeIf(id -> id < end && !needed.test(id));
  }

  @Override
  public void close() throws IOException {
    closed = true;
    EntryStream open = stream;
    if (open != null) {
      open.close();
    }
  }

  private static void close(EntryStream open) throws CatalogException {
    try {
      open.close();
    } catch (IOException e) {
      throw new CatalogException("The catalog cannot be closed.", e);
    }
  }
}
