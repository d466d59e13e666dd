package dev.countersign.catalog.discovery;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an MLflow model is, without the part that changes when a store is moved or seen from
 * another machine: its run or model, and its path among that one's artifacts.
 *
 * @param id of a run, 32 hexadecimal digits, or of a logged model, the same behind {@code m-}
 * @param path below {@code artifacts}; empty for that folder itself
 */
record MlflowPlace(String id, String path) {

  private static final Pattern ID = Pattern.compile("(?:m-)?[0-9a-f]{32}");
  private static final Pattern MODEL_URI = Pattern.compile("models:/+(m-[0-9a-f]{32})/?");
  private static final Pattern RUN_URI =
      Pattern.compile("runs:/+([0-9a-f]{32})/?(.*)", Pattern.DOTALL);

  /** Returns the place that a path or URI names; empty if it names none of MLflow's. */
  static Optional<MlflowPlace> of(String location) {
    Matcher model = MODEL_URI.matcher(location);
    if (model.matches()) {
      return Optional.of(new MlflowPlace(model.group(1), ""));
    }
    Matcher run = RUN_URI.matcher(location);
    if (run.matches()) {
      return Optional.of(new MlflowPlace(run.group(1), withoutEnd(run.group(2))));
    }
    List<String> segments = Arrays.asList(withoutEnd(location).split("/", -1));
    for (int i = 1; i < segments.size(); i++) {
      String id = segments.get(i - 1);
      if (segments.get(i).equals("artifacts") && ID.matcher(id).matches()) {
        return Optional.of(
            new MlflowPlace(id, String.join("/", segments.subList(i + 1, segments.size()))));
      }
    }
    return Optional.empty();
  }

  /** Tells whether it is a run's, rather than a logged model's. */
  boolean isRun() {
    return !id.startsWith("m-");
  }

  /** Returns it as one text. */
  String key() {
    return id + "/" + path;
  }

  private static String withoutEnd(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }
}
