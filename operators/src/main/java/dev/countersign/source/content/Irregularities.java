package dev.countersign.source.content;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.FailureReason;
import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.ModelListing;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.List;

/** What entries that are no regular file mean for a model. */
public final class Irregularities {

  private Irregularities() {}

  /** The failure of a model that is to be signed and holds irregular entries. */
  public static ModelFailure failure(String model, ModelListing listing) {
    List<IrregularEntry> entries = listing.irregular();
    IrregularEntry first = entries.get(0);
    if (listing.singleFile()) {
      return new ModelFailure(
          reason(first.kind()),
          Message.of("%s cannot be signed: it is %s.", Printable.of(model), first.detail()),
          Remedy.of(
              "Allow that with %s, or name the file that it leads to.", Setting.ALLOW_SYMLINKS));
    }
    String others =
        entries.size() == 1 ? "" : Message.of(" (and %d more such entries)", entries.size() - 1);
    return new ModelFailure(
        reason(first.kind()),
        Message.of(
            "%s in %s cannot be signed: %s%s.",
            Printable.of(first.name()), Printable.of(model), first.detail(), others),
        remedy(first.kind()));
  }

  private static FailureReason reason(IrregularEntry.Kind kind) {
    return switch (kind) {
      case SYMLINK, SYMLINK_UNSUPPORTED -> FailureReason.SYMLINK_NOT_ALLOWED;
      case SYMLINK_OUTSIDE -> FailureReason.SYMLINK_OUTSIDE_MODEL;
      case SYMLINK_CYCLE, SYMLINK_BROKEN -> FailureReason.SYMLINK_BROKEN;
      case LINKED_DIRECTORY -> FailureReason.LINKED_DIRECTORY;
      case SPECIAL_FILE -> FailureReason.SPECIAL_FILE;
      case NAME_NOT_UTF8, NAME_NOT_CANONICAL, FILE_AND_FOLDER -> FailureReason.BAD_NAME;
      case UNREADABLE_DIRECTORY -> FailureReason.PERMISSION_DENIED;
    };
  }

  private static Remedy remedy(IrregularEntry.Kind kind) {
    return switch (kind) {
      case SYMLINK -> orLeaveOut(Remedy.of("Allow links with %s", Setting.ALLOW_SYMLINKS));
      case SYMLINK_OUTSIDE ->
          orLeaveOut(
              Remedy.of("Name the folder that it may lead to with %s", Setting.SYMLINK_ROOT));
      case SYMLINK_UNSUPPORTED -> orLeaveOut(Remedy.text("Put the file in its place"));
      case SYMLINK_CYCLE, SYMLINK_BROKEN -> orLeaveOut(Remedy.text("Mend the link"));
      case LINKED_DIRECTORY ->
          Remedy.of(
              "OMS has no form for it: copy the directory into the model, or leave the link out"
                  + " with %s.",
              Setting.IGNORE_PATHS);
      case SPECIAL_FILE -> orLeaveOut(Remedy.text("Only regular files can be signed: remove it"));
      case NAME_NOT_UTF8, NAME_NOT_CANONICAL ->
          Remedy.text("Rename it: only canonical UTF-8 names can be signed.");
      case FILE_AND_FOLDER ->
          orLeaveOut(Remedy.text("No folder on a disk can hold both: rename the object"));
      case UNREADABLE_DIRECTORY -> orLeaveOut(Remedy.text("Grant access to it"));
    };
  }

  private static Remedy orLeaveOut(Remedy first) {
    return Remedy.of("%s, or leave it out with %s.", first, Setting.IGNORE_PATHS);
  }
}
