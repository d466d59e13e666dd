package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.results.ResultFiles;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.records.RecordJson;
import dev.countersign.records.ResultFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code --results-format}: what is committed is what is printed. */
final class ResultFormatsITCase {

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws IOException {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    for (String model : List.of("a", "b", "\u00e8")) {
      program.file("lake/" + model + "/weights.bin", "weights of " + model);
    }
    Ended signed = program.run("sign", "key", "--private-key", "release.key", "lake/*");
    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    program.file("lake/b/weights.bin", "weights of B");
    program.file("lake/b/more.bin", "extra");
  }

  @ParameterizedTest
  @EnumSource
  void results_inEachFormat_areThoseThatArePrinted(ResultFormat format) throws IOException {
    Ended ended =
        program.run(
            "verify",
            "key",
            "--public-key",
            "release.pub",
            "--output",
            "json",
            "--results",
            "out",
            "--results-format",
            format.name().toLowerCase(Locale.ROOT),
            "lake/*");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.outLines()).hasSize(3).anyMatch(line -> line.contains("CONTENT_MISMATCH"));
    List<String> read = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      for (Path file : files.toList()) {
        if (ResultFiles.isCommitted(file.getFileName().toString())) {
          assertThat(file.toString()).endsWith(format.suffix());
          ResultFiles.read(
              new org.apache.flink.core.fs.Path(file.toUri()),
              result -> read.add(RecordJson.line(result)));
        }
      }
    }
    assertThat(read).containsExactlyInAnyOrderElementsOf(ended.outLines());
  }

  @Test
  void format_withoutAFolderForResults_isWrongUsage() {
    Ended ended = program.run("digest", "--results-format", "parquet", "lake/a");

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains("--results-format needs --results");
  }
}
