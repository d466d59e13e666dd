package dev.countersign.stage;

import dev.countersign.remedy.Remedy;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files that other programs leave in models, recognized by name. */
final class Leftovers {

  /** Paths that a message names for one program. */
  private static final int MAX_PATHS = 3;

  /** What a program leaves: its group 1 is the path to name, a folder for what is below it. */
  private record Kind(Pattern pattern, String noun) {

    static Kind of(String regex, String noun) {
      return new Kind(Pattern.compile("(" + regex + ")(?:/.*)?", Pattern.DOTALL), noun);
    }
  }

  private static final String ANYWHERE = "(?:[^/]+/)*";

  private static final List<Kind> KINDS =
      List.of(
          Kind.of(ANYWHERE + "\\.cache/huggingface", "download notes of huggingface_hub"),
          Kind.of("\\.(?:msc|mdl|mv)", "download notes of ModelScope"),
          Kind.of(ANYWHERE + "registered_model_meta", "MLflow's note of the registered model"),
          Kind.of(ANYWHERE + "[^/]+\\.sigstore(?:\\.json)?", "a bundle of another client"),
          Kind.of(ANYWHERE + "[^/]+\\.sig", "another bundle"),
          Kind.of(ANYWHERE + "claims\\.jsonl", "claims of another client"),
          Kind.of(ANYWHERE + "(?:\\.DS_Store|\\._[^/]+)", "what macOS leaves in folders"),
          Kind.of(ANYWHERE + "(?:Thumbs\\.db|desktop\\.ini)", "what Windows leaves in folders"),
          Kind.of(ANYWHERE + "__pycache__", "compiled Python"),
          Kind.of(ANYWHERE + "\\.ipynb_checkpoints", "copies of Jupyter"));

  private Leftovers() {}

  /** Returns a sentence that names those among the extra files; none if there are none. */
  static Remedy describe(List<Difference> differences) {
    Map<Kind, Set<String>> found = new LinkedHashMap<>();
    for (Difference difference : differences) {
      if (difference.getKind() == DifferenceKind.EXTRA) {
        for (Kind kind : KINDS) {
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
        : String.format(Locale.ROOT, "%s and %d more", text, paths.size() - MAX_PATHS);
  }
}
