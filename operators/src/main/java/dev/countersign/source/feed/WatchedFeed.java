package dev.countersign.source.feed;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.EntryStream;
import dev.countersign.catalog.watch.WatchedModels;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.WatchState;
import dev.countersign.schemas.WatchedEntry;
import dev.countersign.source.checkpoint.WatchMemory;
import dev.countersign.source.checkpoint.WatchMemory.Sighting;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import dev.countersign.source.signals.WatchNotices;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Message;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of a watch that are due, one look after another without overlap. Each model that is
 * taken becomes an entry with an id of its own. Entries are saved until they can't be planned
 * again; what the watch knows of all models is {@link WatchMemory}'s.
 */
public final class WatchedFeed implements EntryFeed {

  /** How many models are looked at in one go; up to twice as many are taken and not begun. */
  static final int BATCH = 256;

  private static final Logger LOG = LoggerFactory.getLogger(WatchedFeed.class);

  private final String runId;
  private final WatchedModels source;
  private final Runnable beforeLook;
  private final ModelLooks looks;
  private final WatchMemory memory;
  private final Clock clock;
  private final Map<Long, Taken> taken = new HashMap<>();
  private final boolean isOfAnother;
  private long end;
  private boolean reading;
  private boolean amidLook;
  private long nextLook;
  private String lastFault = "";

  /** What could not be looked into; of the reading thread. */
  private final List<String> unseen = new ArrayList<>();

  private volatile long known;
  private volatile boolean closed;
  private volatile @Nullable EntryStream stream;

  /**
   * A model that was taken.
   *
   * @param again whether it was taken before, as another entry
   */
  private record Taken(CatalogEntry entry, boolean again) {}

  /**
   * A feed.
   *
   * @param runId whose notices are given
   * @param beforeLook runs before each look, on the thread that reads
   * @param looks closed by this
   * @param saved what to go on from; null to begin
   */
  public WatchedFeed(
      String runId,
      WatchedModels source,
      Runnable beforeLook,
      ModelLooks looks,
      Clock clock,
      @Nullable EnumeratorState saved) {
    this.runId = runId;
    this.source = source;
    this.beforeLook = beforeLook;
    this.looks = looks;
    this.clock = clock;
    this.memory = new WatchMemory(source.settings(), WatchMemory.MOST);
    this.isOfAnother = saved != null && !saved.getCatalog().equals(source.identity());
    if (saved != null) {
      end = saved.getCursor();
      WatchState watch = saved.getWatch();
      if (watch != null) {
        watch.getTaken().forEach(this::restore);
        memory.restore(watch.getMemory(), taken.keySet(), clock.millis());
      }
    }
    known = memory.size();
  }

  private void restore(WatchedEntry saved) {
    CatalogEntry entry =
        CatalogEntry.builder(saved.getEntryId(), saved.getModel())
            .line(saved.getLine())
            .name(saved.getName())
            .version(saved.getVersion())
            .bundle(saved.getBundle())
            .bundleByKind(saved.getBundleByKind())
            .ignorePaths(saved.getIgnorePaths())
            .labels(saved.getLabels())
            .fault(saved.getFault())
            .linkTo(saved.getLinkTo())
            .globRoot(saved.getGlobRoot())
            .build();
    taken.put(entry.id(), new Taken(entry, saved.getAgain()));
    end = Math.max(end, entry.id() + 1);
  }

  @Override
  public void requireSame() throws CatalogException {
    if (isOfAnother) {
      throw new CatalogException(
          "The state to go on from watches other models. Name those, or start without the state.");
    }
  }

  @Override
  public long size() {
    return Long.MAX_VALUE;
  }

  @Override
  public long watched() {
    return known;
  }

  @Override
  public void save(EnumeratorState state) {
    state.setCatalog(source.identity());
    List<WatchedEntry> entries = new ArrayList<>(taken.size());
    taken.values().forEach(model -> entries.add(saved(model)));
    state.setWatch(new WatchState(entries, memory.save()));
  }

  private static WatchedEntry saved(Taken model) {
    CatalogEntry entry = model.entry();
    return WatchedEntry.newBuilder()
        .setEntryId(entry.id())
        .setLine(entry.line())
        .setModel(entry.model())
        .setName(entry.name())
        .setVersion(entry.version())
        .setBundle(entry.bundle())
        .setBundleByKind(entry.bundleByKind())
        .setIgnorePaths(entry.ignorePaths())
        .setLabels(entry.labels())
        .setFault(entry.fault())
        .setLinkTo(entry.linkTo())
        .setGlobRoot(entry.globRoot())
        .setAgain(model.again())
        .build();
  }

  @Override
  public long end() {
    return end;
  }

  @Override
  public boolean isReady() {
    return true;
  }

  @Override
  public boolean begin(long cursor) {
    if (reading || closed || end - cursor >= BATCH || (!amidLook && clock.millis() < nextLook)) {
      return false;
    }
    reading = true;
    if (!amidLook) {
      amidLook = true;
      memory.beginLook();
      nextLook = clock.millis() + source.settings().interval().toMillis();
    }
    return true;
  }

  @Override
  public OptionalLong untilNext(long cursor) {
    // Behind a backlog it is not time but the cursor that has to move.
    return reading || amidLook || closed || end - cursor >= BATCH
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, nextLook - clock.millis()));
  }

  /** Looks at the next models. What fails is tried again with the next look. */
  @Override
  public Runnable read() {
    try {
      EntryStream open = stream;
      if (open == null) {
        beforeLook.run();
        unseen.clear();
        open = source.look(unseen::add);
        stream = open;
        if (closed) {
          // Closed meanwhile, by one who could not see this stream.
          closeStream();
        }
      }
      List<CatalogEntry> batch = nextOf(open);
      boolean isLast = batch.size() < BATCH;
      if (isLast) {
        closeStream();
      }
      List<Sighting> seen = looks.at(batch);
      List<String> faults = List.copyOf(unseen);
      return () -> accept(seen, isLast, faults);
    } catch (CatalogException | StorageException e) {
      closeStream();
      return () -> lookFailed(String.valueOf(e.getMessage()));
    } catch (ExecutionException e) {
      throw new IllegalStateException("looking at models failed", e.getCause());
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
      return () -> {};
    }
  }

  private static List<CatalogEntry> nextOf(EntryStream open)
      throws CatalogException, StorageException {
    List<CatalogEntry> batch = new ArrayList<>(BATCH);
    for (Optional<CatalogEntry> next = open.next(); next.isPresent(); next = open.next()) {
      batch.add(next.get());
      if (batch.size() == BATCH) {
        break;
      }
    }
    return batch;
  }

  private void accept(List<Sighting> seen, boolean isLast, List<String> faults) {
    reading = false;
    long now = clock.millis();
    for (Sighting sighting : seen) {
      if (memory.isDue(sighting, now)) {
        boolean again = memory.isKnown(sighting);
        memory.take(sighting, end);
        taken.put(end, new Taken(sighting.entry().withId(end), again));
        end++;
      }
    }
    if (isLast) {
      amidLook = false;
      if (faults.isEmpty()) {
        memory.endLook();
      }
      say(fault(faults));
    }
    known = memory.size();
  }

  private String fault(List<String> faults) {
    if (memory.isFull()) {
      return Message.of(
          "More than %,d models are to be watched, which is the limit. The others are skipped:"
              + " watch them in another run.",
          WatchMemory.MOST);
    }
    return faults.isEmpty()
        ? ""
        : Message.of(
            "%s It is skipped%s; the rest is watched.",
            faults.get(0), faults.size() > 1 ? ", and " + (faults.size() - 1) + " more" : "");
  }

  private void lookFailed(String message) {
    reading = false;
    amidLook = false;
    say(message + " Looking again as soon as it is time.");
  }

  /** Says what is wrong with looks, once as long as it stays the same. */
  private void say(String fault) {
    if (!fault.equals(lastFault) && !fault.isEmpty()) {
      WatchNotices.say(runId, fault);
    }
    lastFault = fault;
  }

  private void closeStream() {
    EntryStream open = stream;
    stream = null;
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      LOG.warn("A catalog cannot be closed", e);
    }
  }

  @Override
  public CatalogEntry entry(long id) {
    return Objects.requireNonNull(taken.get(id), "an entry was forgotten too early").entry();
  }

  @Override
  public boolean isKnown(long id) {
    Taken model = taken.get(id);
    return model != null && model.again();
  }

  @Override
  public void retain(LongPredicate needed) {
    for (Iterator<Taken> all = taken.values().iterator(); all.hasNext(); ) {
      CatalogEntry entry = all.next().entry();
      if (!needed.test(entry.id())) {
        all.remove();
        memory.handedOver(entry, clock.millis());
      }
    }
  }

  @Override
  public void ended(EndedModel model) {
    memory.ended(model, clock.millis());
  }

  @Override
  public void close() throws IOException {
    closed = true;
    looks.close();
    EntryStream open = stream;
    if (open != null) {
      open.close();
    }
  }
}
