package dev.countersign.source.feed;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.faults.LibraryFaults;
import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Sha256;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.source.checkpoint.WatchMemory.Sighting;
import dev.countersign.source.checkpoint.WatchMemory.Sighting.Completeness;
import dev.countersign.source.planning.ModelPlanner;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.pool.PlanMemory;
import dev.countersign.source.pool.StorePools;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Printable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at many watched models at the same time, on threads of its own. A look lists a model and
 * reads nothing. What counts are the model's files and all else in it, by what its store tells of
 * them, and what the catalog says; for verify the bundle too. The bundle of a model that is signed
 * does not count, nor does what is ignored. When verifying, what the bundle ignores is not known,
 * and counts. A model that cannot be listed looks by why: if that stays so, working on it says what
 * is wrong.
 *
 * <p>A look that hangs is given up; its model is not looked at again before it has come back, so
 * that no more threads hang than models. One caller at a time; any thread may close.
 */
public final class ModelLooks implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelLooks.class);

  private final PlanSettings settings;
  private final String marker;
  private final StorePools<Optional<Sighting>> threads;

  /** Models whose look was given up and has not come back. */
  private final Set<String> hanging = ConcurrentHashMap.newKeySet();

  /**
   * Looks at models that are worked on as {@code settings} say, so many at once.
   *
   * @param marker name of the file that says that a model is complete; empty for none
   * @param depth how many models of a store to look at together; 0 for what fits the store
   * @param stallTimeout how long a look may find nothing before it is given up
   */
  public ModelLooks(PlanSettings settings, String marker, int depth, Duration stallTimeout) {
    this.settings = settings;
    this.marker = marker;
    this.threads = new StorePools<>("countersign-planner", depth, stallTimeout);
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
    // One that did not begin cannot come back.
    AtomicBoolean back = new AtomicBoolean(true);
    if (hanging.contains(entry.model())) {
      sighting.complete(Optional.of(stalled(entry)));
    } else {
      threads.submit(
          entry.model(),
          () -> within(entry, back),
          () -> giveUp(entry, back),
          sighting::complete,
          sighting::completeExceptionally);
    }
    return sighting;
  }

  private Optional<Sighting> within(CatalogEntry entry, AtomicBoolean back) {
    back.set(false);
    try {
      return PlanMemory.ofThisProcess().run(entry.model(), () -> at(entry));
    } catch (ModelFailure e) {
      return Optional.of(broken(settings.workedOn(entry), e));
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
    return Optional.of(stalled(entry));
  }

  /** Returns how an entry's model looks; empty if there is none. May block on a store. */
  private Optional<Sighting> at(CatalogEntry found) {
    CatalogEntry named = settings.workedOn(found);
    if (!named.isGood()) {
      return Optional.of(
          new Sighting(named, fingerprint(named.fault(), named.linkTo()), Completeness.COMPLETE));
    }
    try {
      return look(named.settled());
    } catch (ModelFailure e) {
      return e.reason() == FailureReason.MODEL_NOT_FOUND
          ? Optional.empty()
          : Optional.of(broken(named, e));
    } catch (StorageException | OmsException e) {
      return Optional.of(broken(named, LibraryFaults.failureOf(e)));
    } catch (PlanMemory.EndOfWork | OutOfMemoryError e) {
      throw e; // PlanMemory#run has it done again.
    } catch (RuntimeException | Error e) {
      LOG.error("Looking at {} failed", Printable.of(named.model()), e);
      return Optional.of(broken(named, LibraryFaults.failureOf(named.model(), e)));
    }
  }

  /** How a model looks that cannot be listed in time. */
  private static Sighting stalled(CatalogEntry entry) {
    return new Sighting(entry, fingerprint(FailureReason.STALLED.name()), Completeness.IF_SETTLED);
  }

  private static Sighting broken(CatalogEntry entry, ModelFailure failure) {
    LOG.debug("Cannot look at {}", Printable.of(entry.model()), failure);
    return new Sighting(entry, fingerprint(failure.reason().name()), Completeness.IF_SETTLED);
  }

  private Optional<Sighting> look(CatalogEntry entry)
      throws StorageException, OmsException, ModelFailure {
    // Before what it speaks for, or it could come while the rest is listed.
    Optional<StoredObject> complete = marker(entry);
    boolean verifies = settings.operation() == Operation.VERIFY;
    IgnoreRules rules =
        IgnoreRules.forSigning(
            entry.model(),
            ModelPlanner.ignorePaths(entry, settings),
            settings.folders().working(),
            settings.ignored().gitPaths() && !verifies,
            Optional.of(entry.bundle()).filter(uri -> !uri.isEmpty()));
    ModelListing listing =
        ModelPlanner.list(
            Storages.forUri(entry.model()),
            entry,
            settings,
            settings.serialization().allowSymlinks(),
            rules::ignores,
            name -> false,
            name -> false);
    String bundle =
        verifies
            ? Storages.forUri(entry.bundle())
                .stat(entry.bundle())
                .map(StoredObject::version)
                .orElse("")
            : "";
    return Optional.of(
        new Sighting(
            entry,
            fingerprint(
                listing.fingerprint(), entry.bundle(), bundle, entry.ignorePaths().toString()),
            completeness(listing, complete)));
  }

  private Optional<StoredObject> marker(CatalogEntry entry) throws StorageException {
    if (marker.isEmpty()) {
      return Optional.empty();
    }
    String uri = Storages.child(entry.model(), marker);
    return Storages.forUri(uri).stat(uri);
  }

  /** A model that is one file has no marker. */
  private Completeness completeness(ModelListing listing, Optional<StoredObject> found) {
    if (marker.isEmpty() || listing.singleFile()) {
      return Completeness.IF_SETTLED;
    }
    if (found.isEmpty()) {
      return Completeness.INCOMPLETE;
    }
    long complete = found.get().modifiedMillis();
    return listing.files().stream().allMatch(file -> file.modifiedMillis() <= complete)
        ? Completeness.COMPLETE
        : Completeness.IF_SETTLED;
  }

  private static String fingerprint(String... parts) {
    StringBuilder text = new StringBuilder();
    for (String part : parts) {
      text.append(part.length()).append(':').append(part);
    }
    return Sha256.hex(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Ends the threads; whoever waits for them is to be interrupted. */
  @Override
  public void close() {
    threads.close();
  }
}
