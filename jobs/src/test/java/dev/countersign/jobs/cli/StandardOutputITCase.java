package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.terminal.ExitCode;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Standard output that takes no more: a full disk, and a pipe whose reader is gone. */
@EnabledOnOs(OS.LINUX)
class StandardOutputITCase {

  private static final String LOST =
      "countersign: standard output could not be written and is incomplete.";

  @TempDir private Path folder;

  @BeforeEach
  void writeModel() throws Exception {
    Files.writeString(Files.createDirectory(folder.resolve("m1")).resolve("config.json"), "{}");
  }

  @Test
  void help_onFullDisk_breaks() throws Exception {
    assertLost("--help");
  }

  @Test
  void catalog_onFullDisk_breaks() throws Exception {
    assertLost("catalog", ".");
  }

  @Test
  void digestAndReport_onFullDisk_break() throws Exception {
    assertLost("digest", "--results", "results", "m1");

    assertLost("report", "--format", "csv", "results");
  }

  @Test
  void catalog_whoseReaderIsGone_endsQuietly() throws Exception {
    ForkedProgram program = start(Redirect.PIPE, "catalog", "--quiet", ".");

    assertThat(program.await()).isEqualTo(ExitCode.OK);
    assertThat(program.err()).isEmpty();
  }

  @Test
  void digest_whoseReaderIsGone_runsToItsEnd() throws Exception {
    ForkedProgram program = start(Redirect.PIPE, "digest", "m1", "m2");

    assertThat(program.await()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(program.err()).contains("1 digested").doesNotContain(LOST);
  }

  private void assertLost(String... arguments) throws Exception {
    ForkedProgram program = start(Redirect.to(Path.of("/dev/full").toFile()), arguments);

    assertThat(program.await()).isEqualTo(ExitCode.BROKEN);
    assertThat(program.err()).contains(LOST);
  }

  private ForkedProgram start(Redirect output, String... arguments) throws Exception {
    return ForkedProgram.start(folder, output, List.of(), List.of(arguments));
  }
}
