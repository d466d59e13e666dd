package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.options.UsageException;
import dev.countersign.options.settings.ConfigEntries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigFileTest {

  @TempDir Path folder;

  @Test
  void texts_inAFile_areTakenAsTheyStand() throws IOException {
    ConfigEntries entries =
        read("lanes: 0777\ndry_run: no\nignore-paths: [a, 'b c']\nresults: 2026-01-01\n# end\n");

    assertThat(entries.entries())
        .containsEntry("lanes", List.of("0777"))
        .containsEntry("dry-run", List.of("no"))
        .containsEntry("ignore-paths", List.of("a", "b c"))
        .containsEntry("results", List.of("2026-01-01"))
        .hasSize(4);
  }

  @Test
  void file_withNothingInIt_isNoOptions() throws IOException {
    assertThat(read("# nothing\n").entries()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'lanes: 1\nlanes: 2', again at line 2. Keep one.",
    "'a: {b: c}', has something nested at line 1",
    "'- a', must hold lines of the form",
    "'a: [b', is not valid YAML at line",
    "'b: [[c]]', has something nested at line 1",
    "'a: !!java.net.URL [\"http://x\"]\nb: c', has a tag (!) at line 1",
    "'a: &x b\nc: *x', has an anchor or an alias (& or *) at line 1",
    "'a: b\n---\nc: d', has a second document at line 2",
  })
  void file_ofAnotherForm_isRefusedWithItsLine(String content, String problem) {
    assertThatThrownBy(() -> read(content))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("The configuration file options.yaml ")
        .hasMessageContaining(problem);
  }

  @Test
  void file_thatCannotBeRead_isRefused() throws IOException {
    Files.write(folder.resolve("latin1.yaml"), "a: ä".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> ConfigFile.read("none.yaml", folder))
        .hasMessage("The configuration file none.yaml does not exist. Check --config.");
    assertThatThrownBy(() -> ConfigFile.read("latin1.yaml", folder))
        .hasMessageContaining("is not UTF-8 text");
    assertThatThrownBy(() -> ConfigFile.read(".", folder)).hasMessageContaining("cannot be read");
  }

  private ConfigEntries read(String content) throws IOException {
    Files.writeString(folder.resolve("options.yaml"), content);
    return ConfigFile.read("options.yaml", folder);
  }
}
