package dev.countersign.source.planning;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ListedModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lists a model again once its last byte was read, and requires that nothing has changed since it
 * was planned: a file that was hashed early may have been written to since, and one that was added
 * is in no unit.
 *
 * <p>A listing may hang in a system call, so it runs on a thread of its own, which is left behind
 * when it makes no progress for the stall timeout. Thread safe.
 */
public final class ListingCheck {

  private final Duration stallTimeout;

  /** A check that waits for a listing as long as it makes progress. */
  public ListingCheck(Duration stallTimeout) {
    this.stallTimeout = stallTimeout;
  }

  /**
   * Requires that a model is what it was when it was planned.
   *
   * @param header of its first unit
   * @throws StorageException if it cannot be listed
   * @throws ModelFailure if it has changed, or if the listing stalls
   */
  public void requireUnchanged(ModelHeader header) throws StorageException, ModelFailure {
    ListedModel planned = header.getListing();
    if (planned == null) {
      throw new IllegalStateException("a model whose listing nobody noted");
    }
    if (!fingerprint(header, planned).equals(planned.getFingerprint())) {
      throw changed(header);
    }
  }

  private String fingerprint(ModelHeader header, ListedModel planned)
      throws StorageException, ModelFailure {
    AtomicLong progress = new AtomicLong(System.nanoTime());
    CompletableFuture<String> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(
                    Storages.forUri(header.getModel())
                        .fingerprint(
                            header.getModel(),
                            PlannedListing.rules(
                                header, planned, () -> progress.set(System.nanoTime()))));
              } catch (StorageException | RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            },
            "countersign-listing-check");
    thread.setDaemon(true);
    thread.start();
    try {
      return await(header, result, progress);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException(
          StorageException.Kind.UNREADABLE,
          header.getModel(),
          Message.of(
              "Listing %s again was stopped before its end.", Printable.of(header.getModel())));
    } catch (ExecutionException e) {
      throw explain(header, Objects.requireNonNullElse(e.getCause(), e));
    } finally {
      thread.interrupt(); // Does nothing to one that has ended.
    }
  }

  @SuppressWarnings("EmptyCatch") // It may have made progress meanwhile.
  private String await(ModelHeader header, CompletableFuture<String> result, AtomicLong progress)
      throws InterruptedException, ExecutionException, ModelFailure {
    while (true) {
      long left = stallTimeout.toNanos() - (System.nanoTime() - progress.get());
      if (left <= 0 && !result.isDone()) {
        throw ModelFailure.stalledPlanning(header.getModel(), stallTimeout);
      }
      try {
        return result.get(Math.max(left, 1), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        // Look again.
      }
    }
  }

  /** A model that was within the limits and is not, or is gone, has changed. */
  private static StorageException explain(ModelHeader header, Throwable fault) throws ModelFailure {
    if (fault instanceof StorageException storage) {
      if (storage.kind() == StorageException.Kind.LIMIT_EXCEEDED
          || storage.kind() == StorageException.Kind.NOT_FOUND) {
        throw changed(header);
      }
      return storage;
    }
    throw LibraryFaults.failureOf(header.getModel(), fault);
  }

  private static ModelFailure changed(ModelHeader header) {
    return new ModelFailure(
        FailureReason.CHANGED_WHILE_READ,
        Message.of(
            "%s is not what it was when it was listed: a file was written to, added or removed"
                + " while the rest was read. Run again when nobody writes to the model.",
            Printable.of(header.getModel())));
  }
}
