package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Holds the README to the declared options. */
final class OptionTableTest {

  private static final String BEGIN = "<!-- options:begin -->\n";
  private static final String END = "<!-- options:end -->";

  @Test
  void table_inReadme_isWhatTheDeclarationsSay() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));

    assertThat(readme).containsOnlyOnce(BEGIN).containsOnlyOnce(END);
    assertThat(readme.substring(readme.indexOf(BEGIN) + BEGIN.length(), readme.indexOf(END)))
        .as(
            "the README between options:begin and options:end; OptionTable prints what belongs there")
        .isEqualTo(OptionTable.markdown());
  }
}
