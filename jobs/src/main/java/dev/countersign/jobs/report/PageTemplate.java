package dev.countersign.jobs.report;

import dev.countersign.oms.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page as it lies in the jar: HTML with {@code {{names}}} in the places of what a report says.
 * Its one style sheet and its one script go into it as they are; the policy of the page allows
 * these two, by their digests, and nothing else: nothing from a network, no style or script that a
 * result might smuggle in.
 */
final class PageTemplate {

  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z]+)}}");

  private final String page = resource("report.html");
  private final String style = resource("report.css");
  private final String script = resource("report.js");

  /** What writes the content of a place, escaped. */
  @FunctionalInterface
  interface Section {
    void writeTo(TextOutput out) throws IOException;
  }

  /**
   * Writes the page.
   *
   * @param sections by the names of their places, all but those of policy, style and script
   */
  void write(TextOutput out, Map<String, Section> sections) throws IOException {
    Matcher places = PLACE.matcher(page);
    int end = 0;
    while (places.find()) {
      out.write(page.substring(end, places.start()));
      end = places.end();
      String place = places.group(1);
      switch (place) {
        case "policy" -> out.write(policy());
        case "style" -> out.write(style);
        case "script" -> out.write(script);
        default -> {
          Section section = sections.get(place);
          if (section == null) {
            throw new IllegalStateException("nothing is written for " + place + " of the page");
          }
          section.writeTo(out);
        }
      }
    }
    out.write(page.substring(end));
  }

  private String policy() {
    return "default-src 'none'; style-src '"
        + digest(style)
        + "'; script-src '"
        + digest(script)
        + "'; img-src data:; base-uri 'none'; form-action 'none'";
  }

  /** A source expression of Content Security Policy Level 3, section 2.3.1. */
  private static String digest(String text) {
    byte[] digest = Sha256.digest(text.getBytes(StandardCharsets.UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(digest);
  }

  private static String resource(String name) {
    try (InputStream in = PageTemplate.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the jar: build it with Maven");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + name + " from the jar", e);
    }
  }
}
