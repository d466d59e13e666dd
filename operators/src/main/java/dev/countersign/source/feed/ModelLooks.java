package dev.countersign.source.feed;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.source.checkpoint.Sighting;
import dev.countersign.source.pool.Planners;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks at many models at the same time, on threads of its own. A look that hangs is given up; its
 * model is not looked at again before it has come back, so that no more threads hang than models.
 * One caller at a time; any thread may close.
 */
public final class ModelLooks implements AutoCloseable {

  private final ModelLook look;
  private final Planners<Optional<Sighting>> threads;

  /** Models whose look was given up and has not come back. */
  private final Set<String> hanging = ConcurrentHashMap.newKeySet();

  /**
   * Looks on {@code threads} threads.
   *
   * @param stallTimeout how long a look may find nothing before it is given up
   */
  public ModelLooks(ModelLook look, int threads, Duration stallTimeout) {
    this.look = look;
    this.threads = new Planners<>(threads, stallTimeout);
  }

  /**
   * Returns how the models of entries look, without those that are not there, in the order of the
   * entries.
   *
   * @throws InterruptedException if the thread was interrupted
   * @throws ExecutionException if the program is at fault
   */
  List<Sighting> at(List<CatalogEntry> entries) throws InterruptedException, ExecutionException {
    List<CompletableFuture<Optional<Sighting>>> begun = new ArrayList<>(entries.size());
    for (CatalogEntry entry : entries) {
      begun.add(begin(entry));
    }
    List<Sighting> seen = new ArrayList<>(entries.size());
    for (CompletableFuture<Optional<Sighting>> sighting : begun) {
      sighting.get().ifPresent(seen::add);
    }
    return seen;
  }

  private CompletableFuture<Optional<Sighting>> begin(CatalogEntry entry) {
    CompletableFuture<Optional<Sighting>> sighting = new CompletableFuture<>();
    AtomicBoolean back = new AtomicBoolean();
    if (hanging.contains(entry.model())) {
      sighting.complete(Optional.of(ModelLook.stalled(entry)));
    } else {
      threads.submit(
          entry.model(),
          () -> at(entry, back),
          () -> giveUp(entry, back),
          sighting::complete,
          sighting::completeExceptionally);
    }
    return sighting;
  }

  private Optional<Sighting> at(CatalogEntry entry, AtomicBoolean back) {
    try {
      return look.at(entry);
    } finally {
      back.set(true);
      hanging.remove(entry.model());
    }
  }

  private Optional<Sighting> giveUp(CatalogEntry entry, AtomicBoolean back) {
    hanging.add(entry.model());
    if (back.get()) {
      // It came back when it was interrupted, perhaps before that was put down.
      hanging.remove(entry.model());
    }
    return Optional.of(ModelLook.stalled(entry));
  }

  /** Ends the threads; whoever waits for them is to be interrupted. */
  @Override
  public void close() {
    threads.close();
  }
}
