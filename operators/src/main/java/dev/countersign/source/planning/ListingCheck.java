package dev.countersign.source.planning;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ListedModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.storage.ListingSummary;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.List;

/**
 * Lists a model again once its last byte was read, and requires that nothing has changed since it
 * was planned: a file that was hashed early may have been written to since, and one that was added
 * is in no unit.
 *
 * <p>Made for threads of a {@link GuardedPool}, which are given up when a listing hangs.
 */
public final class ListingCheck {

  private ListingCheck() {}

  /**
   * Requires that a model is what it was when it was planned.
   *
   * @param header of its first unit
   * @return the bundle, if it is in the model's folder, see {@link #sees}
   * @throws StorageException if it cannot be listed
   * @throws ModelFailure if it has changed
   */
  @CanIgnoreReturnValue
  public static List<StoredObject> requireUnchanged(ModelHeader header)
      throws StorageException, ModelFailure {
    ListedModel planned = header.getListing();
    if (planned == null) {
      throw new IllegalStateException("a model whose listing nobody noted");
    }
    ListingSummary now;
    try {
      now =
          Storages.forUri(header.getModel())
              .summarize(
                  header.getModel(),
                  PlannedListing.rules(header, planned, GuardedPool::progressed));
    } catch (StorageException e) {
      // A model that was within the limits and is not, or is gone, has changed.
      if (e.kind() == StorageException.Kind.LIMIT_EXCEEDED
          || e.kind() == StorageException.Kind.NOT_FOUND) {
        throw changed(header);
      }
      throw e;
    }
    if (!now.fingerprint().equals(planned.getFingerprint())) {
      throw changed(header);
    }
    return now.noted();
  }

  /** Returns whether the model's listing shows its bundle. */
  public static boolean sees(ModelHeader header) {
    return Storages.parent(header.getBundle()).equals(header.getModel());
  }

  private static ModelFailure changed(ModelHeader header) {
    return new ModelFailure(
        FailureReason.CHANGED_WHILE_READ,
        Message.of(
            "%s is not what it was when it was listed: a file was written to, added or removed"
                + " while the rest was read. Run again when nothing writes to the model.",
            Printable.of(header.getModel())));
  }
}
