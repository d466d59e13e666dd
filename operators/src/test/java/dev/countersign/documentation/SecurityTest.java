package dev.countersign.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds SECURITY.md to the tests that it names for what it promises. */
final class SecurityTest {

  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|ITCase))`");
  private static final Pattern PROMISE = Pattern.compile("(?m)^(\\d+)\\. ");

  @Test
  void tests_thatArePromised_areThere() throws IOException {
    List<String> named = matches(TEST);

    assertThat(named).hasSizeGreaterThan(20);
    assertThat(classes()).containsAll(named);
  }

  @Test
  void promises_areNumberedInOrder() throws IOException {
    List<String> numbers = matches(PROMISE);

    assertThat(numbers).hasSizeGreaterThan(10);
    for (int i = 0; i < numbers.size(); i++) {
      assertThat(numbers.get(i)).isEqualTo(Integer.toString(i + 1));
    }
  }

  private static List<String> matches(Pattern pattern) throws IOException {
    return pattern
        .matcher(Files.readString(Path.of("../SECURITY.md")))
        .results()
        .map((MatchResult match) -> match.group(1))
        .toList();
  }

  private static Set<String> classes() throws IOException {
    try (Stream<Path> operators = Files.walk(Path.of("src/test/java"));
        Stream<Path> jobs = Files.walk(Path.of("../jobs/src/test/java"))) {
      return Stream.concat(operators, jobs)
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }
}
