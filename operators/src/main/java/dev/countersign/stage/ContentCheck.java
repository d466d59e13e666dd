package dev.countersign.stage;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells whether a model is what was signed, by the differences that were found when it was planned
 * and where it was read.
 */
final class ContentCheck {

  private static final Set<DifferenceCause> LINKS =
      EnumSet.of(DifferenceCause.LINK, DifferenceCause.LINK_OUTSIDE);

  /** Paths that a message names for one program that left files. */
  private static final int MAX_PATHS = 3;

  /**
   * What another program leaves in models, recognized by name: its group 1 is the path to name, a
   * folder for what is below it.
   */
  private record Leftover(Pattern pattern, String noun) {

    static Leftover of(String regex, String noun) {
      return new Leftover(Pattern.compile("(" + regex + ")(?:/.*)?", Pattern.DOTALL), noun);
    }
  }

  private static final String ANYWHERE = "(?:[^/]+/)*";

  private static final List<Leftover> LEFTOVERS =
      List.of(
          Leftover.of(ANYWHERE + "\\.cache/huggingface", "download notes of huggingface_hub"),
          Leftover.of("\\.(?:msc|mdl|mv)", "download notes of ModelScope"),
          Leftover.of(ANYWHERE + "registered_model_meta", "MLflow's note of the registered model"),
          Leftover.of(ANYWHERE + "[^/]+\\.sigstore(?:\\.json)?", "a bundle of another client"),
          Leftover.of(ANYWHERE + "[^/]+\\.sig", "another bundle"),
          Leftover.of(
              ANYWHERE + "\\.countersign-tmp-[^/]+", "unfinished file of a run that was killed"),
          Leftover.of(
              ANYWHERE + "\\.countersign-replaced-[^/]+",
              "bundle that a run of resign has replaced, which deletes it when it ends or is"
                  + " resumed"),
          Leftover.of(ANYWHERE + "claims\\.jsonl", "claims of another client"),
          Leftover.of(ANYWHERE + "(?:\\.DS_Store|\\._[^/]+)", "what macOS leaves in folders"),
          Leftover.of(ANYWHERE + "(?:Thumbs\\.db|desktop\\.ini)", "what Windows leaves in folders"),
          Leftover.of(ANYWHERE + "__pycache__", "compiled Python"),
          Leftover.of(ANYWHERE + "\\.ipynb_checkpoints", "copies of Jupyter"));

  private ContentCheck() {}

  /**
   * Requires that there are no differences.
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
        Message.of(
            "The model is not what was signed: %d changed, %d missing, %d extra.",
            result.getChanged(), result.getMissing(), result.getExtra()),
        advice(model, result));
  }

  /** OMS has no form for such links, and other clients pass over them without a word. */
  private static ModelFailure unsignedLinkedDirectories(long count, Operation operation) {
    return new ModelFailure(
        FailureReason.UNSIGNED_LINKED_DIRECTORY,
        Message.of(
            "All signed files are unchanged, but the model also contains links to directories (%d),"
                + " which no signature covers.",
            count),
        operation == Operation.RESIGN
            ? Remedy.of(
                "Remove them, or sign the model again and name them with %s.", Setting.IGNORE_PATHS)
            : Remedy.of(
                "Remove them, name them with %s, or let all unsigned files pass with %s.",
                Setting.IGNORE_PATHS, Setting.IGNORE_UNSIGNED_FILES));
  }

  /**
   * Says what to do about a model that is not what was signed. Where not all differences are
   * listed, those that are stand for the rest.
   */
  private static Remedy advice(AssembledModel model, ModelResult result) {
    List<Difference> listed = result.getDifferences();
    boolean resigns = result.getOperation() == Operation.RESIGN;
    boolean unchanged = result.getChanged() == 0;
    // Bytes of a signed file that nobody signed do not pass as an unsigned file.
    if (unchanged && result.getMissing() == 0 && !isAny(DifferenceCause.LENGTH, listed)) {
      return Remedy.text("All that was signed is there and unchanged.")
          .then(leftovers(listed))
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
        .then(leftovers(listed))
        .then(
            Remedy.text(
                "Restore the signed files, or sign the model again if the change is intended."));
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
            Message.of(
                "%d of the changed files %s to what was signed: fetch it with git lfs pull.",
                count, count == 1 ? "is a Git LFS pointer" : "are Git LFS pointers"));
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

  /** Returns a sentence that names what other programs left; none if nothing is known. */
  private static Remedy leftovers(List<Difference> differences) {
    Map<Leftover, Set<String>> found = new LinkedHashMap<>();
    for (Difference difference : differences) {
      if (difference.getKind() == DifferenceKind.EXTRA) {
        for (Leftover kind : LEFTOVERS) {
          Matcher matcher = kind.pattern().matcher(difference.getName());
          if (matcher.matches()) {
            found.computeIfAbsent(kind, first -> new LinkedHashSet<>()).add(matcher.group(1));
            break;
          }
        }
      }
    }
    if (found.isEmpty()) {
      return Remedy.NONE;
    }
    List<String> parts = new ArrayList<>();
    found.forEach((kind, paths) -> parts.add(named(paths) + " (" + kind.noun() + ")"));
    return Remedy.text("Among the extra files: " + String.join(", ", parts) + ".");
  }

  private static String named(Set<String> paths) {
    StringBuilder text = new StringBuilder();
    paths.stream()
        .limit(MAX_PATHS)
        .forEach(path -> text.append(text.isEmpty() ? "" : ", ").append(Printable.of(path)));
    return paths.size() <= MAX_PATHS
        ? text.toString()
        : Message.of("%s and %d more", text, paths.size() - MAX_PATHS);
  }
}
