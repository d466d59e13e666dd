package dev.countersign.stage;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Says what to do about a model that is not what was signed. Where not all differences are listed,
 * those that are stand for the rest.
 */
final class MismatchAdvice {

  private static final Set<DifferenceCause> LINKS =
      EnumSet.of(DifferenceCause.LINK, DifferenceCause.LINK_OUTSIDE);

  private MismatchAdvice() {}

  static Remedy of(AssembledModel model, ModelResult result) {
    List<Difference> listed = result.getDifferences();
    boolean resigns = result.getOperation() == Operation.RESIGN;
    boolean unchanged = result.getChanged() == 0;
    // Bytes of a signed file that nobody signed do not pass as an unsigned file.
    if (unchanged && result.getMissing() == 0 && !isAny(DifferenceCause.LENGTH, listed)) {
      return Remedy.text("All that was signed is there and unchanged.")
          .then(Leftovers.describe(listed))
          .then(
              resigns
                  ? Remedy.text("Remove the extra files, or sign the model as it is with sign.")
                  : Remedy.of(
                      "Remove the extra files, leave them out with %s, or let all unsigned files"
                          + " pass with %s.",
                      Setting.IGNORE_PATHS, Setting.IGNORE_UNSIGNED_FILES));
    }
    if (unchanged && areAllMissing(LINKS, listed) && result.getExtra() == 0) {
      return links(
          isAny(DifferenceCause.LINK_OUTSIDE, listed),
          model.getHeader().getAllowSymlinks(),
          resigns);
    }
    if (unchanged
        && areAllMissing(EnumSet.of(DifferenceCause.LINKED_DIRECTORY), listed)
        && result.getExtra() == model.getCounts().getLinkedDirectories()) {
      return Remedy.text(
          "The missing files are below links to directories, which are never followed. Put the"
              + " directories themselves in the place of the links.");
    }
    return lfsPointers(model.getLfsPointers())
        .then(Leftovers.describe(listed))
        .then(
            Remedy.text(
                "Restore the signed files, or sign the model again if the change is meant."));
  }

  private static Remedy links(boolean leadOut, boolean follows, boolean resigns) {
    String found = "All that is missing is there as a symbolic link";
    if (resigns) {
      return Remedy.of(
          found + ". Put the files in the place of the links, or sign the model again with %s.",
          Setting.ALLOW_SYMLINKS);
    }
    if (!leadOut) {
      return Remedy.of(found + ". Follow the links with %s.", Setting.ALLOW_SYMLINKS);
    }
    return follows
        ? Remedy.of(
            found + " that leads out of the model. Name the folder that the links lead to with %s.",
            Setting.SYMLINK_ROOT)
        : Remedy.of(
            found
                + " that leads out of the model. Follow the links with %s, and name the folder that"
                + " they lead to with %s.",
            Setting.ALLOW_SYMLINKS,
            Setting.SYMLINK_ROOT);
  }

  private static Remedy lfsPointers(long count) {
    return count == 0
        ? Remedy.NONE
        : Remedy.text(
            String.format(
                Locale.ROOT,
                "%d of the changed files %s to what was signed: fetch it with git lfs pull.",
                count,
                count == 1 ? "is a Git LFS pointer" : "are Git LFS pointers"));
  }

  private static boolean isAny(DifferenceCause cause, List<Difference> listed) {
    return listed.stream().anyMatch(difference -> difference.getCause() == cause);
  }

  /** Returns whether files are missing, each for one of these causes. */
  private static boolean areAllMissing(Set<DifferenceCause> causes, List<Difference> listed) {
    List<Difference> missing =
        listed.stream()
            .filter(difference -> difference.getKind() == DifferenceKind.MISSING)
            .toList();
    return !missing.isEmpty()
        && missing.stream().allMatch(difference -> causes.contains(difference.getCause()));
  }
}
