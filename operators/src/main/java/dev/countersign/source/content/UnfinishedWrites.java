package dev.countersign.source.content;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.FailureReason;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StoredFile;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;

/**
 * Files that tell that a model is still being written: Hadoop's committers keep what is not
 * committed below {@code _temporary}, and its shell gives a copy that is not complete the ending
 * {@code ._COPYING_}.
 */
public final class UnfinishedWrites {

  private static final String FOLDER = "_temporary";
  private static final String ENDING = "._COPYING_";

  private UnfinishedWrites() {}

  /**
   * Requires that a model which is to be signed has no such file.
   *
   * @throws ModelFailure if it has one
   */
  public static void requireNone(String model, ModelListing listing) throws ModelFailure {
    for (StoredFile file : listing.files()) {
      if (isUnfinished(file.name())) {
        throw new ModelFailure(
            FailureReason.UNFINISHED_WRITE,
            Message.of(
                "%s in %s belongs to a write that has not ended.",
                Printable.of(file.name()), Printable.of(model)),
            Remedy.of(
                "Wait until it has, delete what a failed one left, or leave it out with %s.",
                Setting.IGNORE_PATHS));
      }
    }
  }

  /** Returns whether a name is that of a file which a writer has not finished. */
  static boolean isUnfinished(String name) {
    return name.endsWith(ENDING)
        || name.startsWith(FOLDER + "/")
        || name.contains("/" + FOLDER + "/");
  }
}
