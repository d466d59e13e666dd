package dev.countersign.source.content;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.ModelListing;
import dev.countersign.text.Printable;
import java.util.List;
import java.util.Locale;

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
          String.format(
              Locale.ROOT,
              "%s cannot be signed: it is %s. Allow that with --allow-symlinks, or name the file"
                  + " that it leads to.",
              Printable.of(model),
              first.detail()));
    }
    String others =
        entries.size() == 1
            ? ""
            : String.format(Locale.ROOT, " (and %d more such entries)", entries.size() - 1);
    return new ModelFailure(
        reason(first.kind()),
        String.format(
            Locale.ROOT,
            "%s in %s cannot be signed: %s%s. %s",
            Printable.of(first.name()),
            Printable.of(model),
            first.detail(),
            others,
            remedy(first.kind())));
  }

  private static FailureReason reason(IrregularEntry.Kind kind) {
    return switch (kind) {
      case SYMLINK -> FailureReason.SYMLINK_NOT_ALLOWED;
      case SYMLINK_OUTSIDE -> FailureReason.SYMLINK_OUTSIDE_MODEL;
      case SYMLINK_CYCLE, SYMLINK_BROKEN -> FailureReason.SYMLINK_BROKEN;
      case LINKED_DIRECTORY -> FailureReason.LINKED_DIRECTORY;
      case SPECIAL_FILE -> FailureReason.SPECIAL_FILE;
      case NAME_NOT_UTF8, NAME_NOT_CANONICAL -> FailureReason.BAD_NAME;
      case UNREADABLE_DIRECTORY -> FailureReason.PERMISSION_DENIED;
    };
  }

  private static String remedy(IrregularEntry.Kind kind) {
    return switch (kind) {
      case SYMLINK -> "Allow links with --allow-symlinks, or leave it out with --ignore-paths.";
      case SYMLINK_OUTSIDE ->
          "Name the folder that it may lead to with --symlink-root, or leave it out with"
              + " --ignore-paths.";
      case SYMLINK_CYCLE, SYMLINK_BROKEN -> "Mend the link, or leave it out with --ignore-paths.";
      case LINKED_DIRECTORY ->
          "OMS has no form for it: copy the directory into the model, or leave the link out with"
              + " --ignore-paths.";
      case SPECIAL_FILE ->
          "Only regular files can be signed: remove it, or leave it out with --ignore-paths.";
      case NAME_NOT_UTF8, NAME_NOT_CANONICAL ->
          "Rename it: only canonical UTF-8 names can be signed.";
      case UNREADABLE_DIRECTORY -> "Grant access to it, or leave it out with --ignore-paths.";
    };
  }
}
