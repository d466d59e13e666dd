package dev.countersign.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks links, tables of contents and sizes of all documents. Opens no connection. */
final class DocumentLinksTest {

  private static final Path ROOT = Path.of("..");

  /** Folders of builds, of examples and of Git, which may change while the test runs. */
  private static final Set<String> NOT_OURS =
      Set.of("target", ".git", "try", "countersign-quickstart");

  private static final int LARGEST_README = 12 * 1024;
  private static final int LARGEST_MANUAL = 30 * 1024;

  /** Where the anchors of GitHub come from: headings, and anchors written as HTML. */
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");

  private static final Pattern SECTION = Pattern.compile("(?m)^## (.+)$");
  private static final Pattern HTML_ANCHOR = Pattern.compile("<a id=\"([^\"]+)\"></a>");
  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");

  private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^```.*?^```$");
  private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
  private static final Pattern OUTSIDE = Pattern.compile("[a-z]+:.*");

  static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return NOT_OURS.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".md")) {
              documents.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return documents;
  }

  static Stream<Path> manuals() throws IOException {
    return documents().stream().filter(file -> ROOT.relativize(file).getNameCount() == 2);
  }

  @Test
  void documents_ofTheCheckout_areFound() throws IOException {
    assertThat(documents())
        .contains(
            ROOT.resolve("README.md"),
            ROOT.resolve("SECURITY.md"),
            ROOT.resolve("jobs/README.md"),
            ROOT.resolve("schemas/README.md"),
            ROOT.resolve("deploy/README.md"),
            ROOT.resolve("operators/README.md"),
            ROOT.resolve("operators/src/test/resources/keys/README.md"));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void links_ofDocument_leadToWhatExists(Path document) throws IOException {
    List<String> broken = new ArrayList<>();
    for (String link : links(prose(document))) {
      int hash = link.indexOf('#');
      String file = hash < 0 ? link : link.substring(0, hash);
      Path target = file.isEmpty() ? document : document.resolveSibling(file).normalize();
      boolean found =
          hash < 0
              ? Files.exists(target)
              : Files.isRegularFile(target) && anchors(target).contains(link.substring(hash + 1));
      if (!found) {
        broken.add(link);
      }
    }

    assertThat(broken).as("broken links of %s", document).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("manuals")
  void manual_ofModule_isShortAndHasATableOfContents(Path manual) throws IOException {
    String text = prose(manual);
    int contents = text.indexOf("\n## ");
    String before = contents < 0 ? text : text.substring(0, contents);
    Set<String> listed = new HashSet<>(links(before));

    assertThat(Files.size(manual)).as("bytes of %s", manual).isLessThan(LARGEST_MANUAL);
    assertThat(listed).as("table of contents of %s", manual).isNotEmpty();
    for (MatchResult section : SECTION.matcher(text).results().toList()) {
      Set<String> anchors = new HashSet<>(Set.of("#" + slug(section.group(1))));
      String lineAbove = text.substring(0, section.start()).stripTrailing();
      HTML_ANCHOR
          .matcher(lineAbove.substring(lineAbove.lastIndexOf('\n') + 1))
          .results()
          .forEach(anchor -> anchors.add("#" + anchor.group(1)));
      assertThat(listed)
          .as("table of contents of %s, section %s", manual, section.group(1))
          .containsAnyElementsOf(anchors);
    }
  }

  @Test
  void readme_ofTheProject_isShort() throws IOException {
    assertThat(Files.size(ROOT.resolve("README.md"))).isLessThanOrEqualTo(LARGEST_README);
  }

  @Test
  void anchors_ofHeadings_areThoseOfGitHub() {
    assertThat(slug("`BAD_NAME`, and \"n of m\" (exit code 3)"))
        .isEqualTo("bad_name-and-n-of-m-exit-code-3");
    assertThat(anchors("# Two\n\n# Two\n\n```sh\n# three\n```\n\n<a id=\"four\"></a>\n"))
        .containsExactlyInAnyOrder("two", "two-1", "four");
  }

  private static List<String> links(String prose) {
    return LINK.matcher(CODE.matcher(prose).replaceAll("code"))
        .results()
        .map(found -> found.group(1))
        .filter(link -> !OUTSIDE.matcher(link).matches())
        .toList();
  }

  private static Set<String> anchors(Path document) throws IOException {
    return anchors(Files.readString(document));
  }

  private static Set<String> anchors(String text) {
    String prose = CODE_BLOCK.matcher(text).replaceAll("");
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> used = new HashMap<>();
    for (MatchResult heading : HEADING.matcher(prose).results().toList()) {
      String slug = slug(heading.group(1));
      int before = used.merge(slug, 1, Integer::sum) - 1;
      anchors.add(before == 0 ? slug : slug + "-" + before);
    }
    HTML_ANCHOR.matcher(prose).results().forEach(found -> anchors.add(found.group(1)));
    return anchors;
  }

  private static String prose(Path document) throws IOException {
    return CODE_BLOCK.matcher(Files.readString(document)).replaceAll("");
  }

  private static String slug(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-');
  }
}
