package dev.countersign.verification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The bundles of other clients under {@code resources/bundles}, and what their index says. */
final class BundleFixtures {

  private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": \"([^\"]*)\"");

  private BundleFixtures() {}

  /** Returns the lines of {@code index.json} that have a field; one line a bundle. */
  static Stream<String> linesWith(String field) throws IOException {
    return new String(resource("index.json"), UTF_8)
        .lines()
        .filter(line -> find(line, field).isPresent());
  }

  /** Returns the text of a field. */
  static String field(String line, String name) {
    return find(line, name)
        .orElseThrow(() -> new IllegalStateException("No " + name + " in " + line));
  }

  static Optional<String> find(String line, String name) {
    Matcher fields = FIELD.matcher(line);
    while (fields.find()) {
      if (fields.group(1).equals(name)) {
        return Optional.of(fields.group(2));
      }
    }
    return Optional.empty();
  }

  static byte[] resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            BundleFixtures.class.getResourceAsStream("/bundles/" + name), name)) {
      return in.readAllBytes();
    }
  }
}
