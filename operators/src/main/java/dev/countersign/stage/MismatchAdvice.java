package dev.countersign.stage;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.source.content.ContentComparison;
import dev.countersign.storage.IrregularEntry;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Says what to do about a model that is not what was signed. Where not all differences are listed,
 * those that are stand for the rest.
 */
final class MismatchAdvice {

  /** How the detail of a link ends that would not be followed either if links were allowed. */
  private static final Pattern DEAD_END =
      Pattern.compile(
          "(?:, where nothing is|, which this user may not read|, which leads nowhere \\(.*\\)"
              + "|, which is never followed in this store|, a directory"
              + "|, a socket, pipe or device|, whose bytes are no UTF-8)$");

  private MismatchAdvice() {}

  /** Returns whole sentences, each after a space. */
  static String of(AssembledModel model, ModelResult result) {
    List<Difference> listed = result.getDifferences();
    boolean resigns = result.getOperation() == Operation.RESIGN;
    boolean unchanged = result.getChanged() == 0;
    if (unchanged
        && result.getMissing() == 0
        && areNoneOf(listed, MismatchAdvice::isOfOtherLength)) {
      return " All that was signed is there and unchanged."
          + Leftovers.describe(listed)
          + (resigns
              ? " Remove the extra files, or sign the model as it is with sign."
              : " Remove the extra files, leave them out with --ignore-paths, or let all unsigned"
                  + " files pass with --ignore-unsigned-files.");
    }
    if (unchanged && areAllMissing(listed, MismatchAdvice::isLink) && result.getExtra() == 0) {
      return links(listed, model.getHeader().getAllowSymlinks(), resigns);
    }
    if (unchanged
        && areAllMissing(listed, MismatchAdvice::isBelowLink)
        && result.getExtra() == model.getCounts().getLinkedDirectories()) {
      return " The missing files are below links to directories, which are never followed. Put the"
          + " directories themselves in the place of the links.";
    }
    return lfsPointers(model.getLfsPointers())
        + Leftovers.describe(listed)
        + " Restore the signed files, or sign the model again if the change is meant.";
  }

  private static String links(List<Difference> listed, boolean follows, boolean resigns) {
    String found = " All that is missing is there as a symbolic link";
    if (resigns) {
      return found
          + ". Put the files in the place of the links, or sign the model again with"
          + " --allow-symlinks.";
    }
    boolean leadOut =
        listed.stream()
            .anyMatch(difference -> difference.getDetail().endsWith(IrregularEntry.OUTSIDE));
    if (!leadOut) {
      return found + ". Follow the links with --allow-symlinks.";
    }
    return found
        + " that leads out of the model. "
        + (follows
            ? "Name the folder that the links lead to with --symlink-root."
            : "Follow the links with --allow-symlinks, and name the folder that they lead to with"
                + " --symlink-root.");
  }

  private static String lfsPointers(long count) {
    return count == 0
        ? ""
        : String.format(
            Locale.ROOT,
            " %d of the changed files %s to what was signed: fetch it with git lfs pull.",
            count,
            count == 1 ? "is a Git LFS pointer" : "are Git LFS pointers");
  }

  /** Bytes of a signed file that nobody signed do not pass as an unsigned file. */
  private static boolean isOfOtherLength(Difference difference) {
    return difference.getDetail().startsWith(ContentComparison.OTHER_LENGTH);
  }

  /** A link to a file, which would be followed if that were allowed. */
  private static boolean isLink(Difference difference) {
    String detail = difference.getDetail();
    return detail.startsWith(IrregularEntry.LINK) && !DEAD_END.matcher(detail).find();
  }

  private static boolean isBelowLink(Difference difference) {
    return difference.getDetail().startsWith(ContentComparison.BELOW + IrregularEntry.LINK);
  }

  private static boolean areNoneOf(List<Difference> listed, Predicate<Difference> test) {
    return listed.stream().noneMatch(test);
  }

  private static boolean areAllMissing(List<Difference> listed, Predicate<Difference> test) {
    return listed.stream().anyMatch(difference -> difference.getKind() == DifferenceKind.MISSING)
        && listed.stream()
            .filter(difference -> difference.getKind() == DifferenceKind.MISSING)
            .allMatch(test);
  }
}
