package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.options.DeclaredOption;
import dev.countersign.options.declarations.DeclaredOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class OptionTableTest {

  private static final String BEGIN = "<!-- options:begin -->";
  private static final String END = "<!-- options:end -->";

  @Test
  void table_ofAllOptions_hasARowForEach() {
    String table = OptionTable.markdown();

    for (DeclaredOption<?> option : DeclaredOptions.all()) {
      assertThat(table.lines().filter(line -> line.matches(".*[-\\]]" + option.key() + "[` ].*")))
          .as(option.flag())
          .isNotEmpty();
    }
    assertThat(table.lines().filter(line -> line.startsWith("| `")))
        .hasSize(DeclaredOptions.all().size())
        .allMatch(line -> line.replace("\\|", "").chars().filter(c -> c == '|').count() == 4);
  }

  /** Where it differs, put there what this test writes to target/options.md. */
  @Test
  void table_inTheManual_isTheDeclarations() throws IOException {
    String tables = OptionTable.markdown();
    Files.writeString(Files.createDirectories(Path.of("target")).resolve("options.md"), tables);
    String text = Files.readString(Path.of("OPTIONS.md"));

    assertThat(text).containsOnlyOnce(BEGIN).containsOnlyOnce(END);
    String table = text.substring(text.indexOf(BEGIN) + BEGIN.length(), text.indexOf(END));

    assertThat(table.strip()).isEqualTo(tables.strip());
  }
}
