package dev.countersign.source.planning;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ListedModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;

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
   * @throws StorageException if it cannot be listed
   * @throws ModelFailure if it has changed
   */
  public static void requireUnchanged(ModelHeader header) throws StorageException, ModelFailure {
    ListedModel planned = header.getListing();
    if (planned == null) {
      throw new IllegalStateException("a model whose listing nobody noted");
    }
    String fingerprint;
    try {
      fingerprint =
          Storages.forUri(header.getModel())
              .fingerprint(
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
    if (!fingerprint.equals(planned.getFingerprint())) {
      throw changed(header);
    }
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
