package dev.countersign.remedy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RemedyTest {

  /** A flag in a text of the sources. */
  private static final Pattern FLAG = Pattern.compile("\"[^\"\\n]*--[a-z][^\\n]*");

  /** Declares the flags; commands of other programs; the form of key files in messages. */
  private static final Set<String> MAY_HAVE_FLAGS = Set.of("options", "ShellCommand.java");

  @Test
  void message_ofAFailure_wordsEachSettingForItsReader() {
    Remedy remedy =
        Remedy.of(
            "%s Or give %s.", Remedy.of("Check 100%% of %s.", Setting.CRL), Setting.PUBLIC_KEY);
    AdvisedException failure = new AdvisedException("It failed.", remedy, null) {};

    assertThat(failure).hasMessage("It failed. Check 100% of 'crl'. Or give 'public-key'.");
    assertThat(failure.message(setting -> "--" + setting.key()))
        .isEqualTo("It failed. Check 100% of --crl. Or give --public-key.");
  }

  @Test
  void message_withoutProblemOrRemedy_hasNoBlank() {
    assertThat(new AdvisedException("It failed.", Remedy.NONE, null) {}).hasMessage("It failed.");
    assertThat(new AdvisedException("", Remedy.text("Try 100%."), null) {}).hasMessage("Try 100%.");
  }

  @Test
  void messages_ofTheLibrary_nameNoFlags() throws IOException {
    List<String> found;
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      found =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> names(file).noneMatch(MAY_HAVE_FLAGS::contains))
              .flatMap(RemedyTest::flags)
              .toList();
    }

    assertThat(found).as("texts in which a Setting should stand").isEmpty();
  }

  private static Stream<String> names(Path file) {
    return Stream.iterate(0, i -> i + 1)
        .limit(file.getNameCount())
        .map(i -> file.getName(i).toString());
  }

  private static Stream<String> flags(Path file) {
    try {
      return FLAG.matcher(Files.readString(file))
          .results()
          .map(match -> file.getFileName() + ": " + match.group());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
