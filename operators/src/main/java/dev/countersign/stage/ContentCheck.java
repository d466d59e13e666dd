package dev.countersign.stage;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import java.util.Locale;

/**
 * Tells whether a model is what was signed, by the differences that were found when it was planned
 * and where it was read.
 */
final class ContentCheck {

  private ContentCheck() {}

  /**
   * Requires that there are none.
   *
   * @throws ModelFailure if the model is not what was signed
   */
  static void requireSame(AssembledModel model, ModelResult result) throws ModelFailure {
    long different = result.getMissing() + result.getExtra() + result.getChanged();
    result.setTruncated(result.getDifferences().size() < different);
    if (different == 0) {
      return;
    }
    long linkedDirectories = model.getCounts().getLinkedDirectories();
    if (different == linkedDirectories) {
      throw unsignedLinkedDirectories(linkedDirectories, result.getOperation());
    }
    throw new ModelFailure(
        FailureReason.CONTENT_MISMATCH,
        String.format(
            Locale.ROOT,
            "The model is not what was signed: %d changed, %d missing, %d extra.",
            result.getChanged(),
            result.getMissing(),
            result.getExtra()),
        MismatchAdvice.of(model, result));
  }

  /** OMS has no form for such links, and other clients pass over them without a word. */
  private static ModelFailure unsignedLinkedDirectories(long count, Operation operation) {
    return new ModelFailure(
        FailureReason.UNSIGNED_LINKED_DIRECTORY,
        String.format(
            Locale.ROOT,
            "All that was signed is there and unchanged, but beside it lie links to directories"
                + " (%d), which no signature covers.",
            count),
        operation == Operation.RESIGN
            ? Remedy.of(
                "Remove them, or sign the model again and name them with %s.", Setting.IGNORE_PATHS)
            : Remedy.of(
                "Remove them, name them with %s, or let all unsigned files pass with %s.",
                Setting.IGNORE_PATHS, Setting.IGNORE_UNSIGNED_FILES));
  }
}
