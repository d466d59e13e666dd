package dev.countersign.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own. */
final class MainITCase {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;
  private Path temporary;

  @BeforeEach
  void setUp() throws IOException {
    temporary = Files.createDirectory(folder.resolve("tmp"));
  }

  @Test
  void process_withLittleMemory_digestsALargeFileAndSaysNothingElse() throws Exception {
    sparseFile("large.bin", 2L << 30);

    int code = await(start("-Xmx512m", "digest", "large.bin"));

    assertThat(err()).matches("(?s)([^\n]* of 1 model; [^\n]*\n)*1 model: 1 digested; [^\n]*\n");
    assertThat(code).isEqualTo(ExitCode.OK);
    assertThat(folder.resolve("out")).content().matches("sha256:[0-9a-f]{64}  large\\.bin\n");
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void process_askedToStop_cancelsCleansUpAndSaysHowToGoOn() throws Exception {
    sparseFile("endless.bin", 1L << 40);

    Process process = start("-Xmx512m", "digest", "endless.bin");
    awaitFilesIn(temporary);
    process.destroy();
    int code = await(process);

    assertThat(code).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(err()).contains("Stopped. ", "run the same command").doesNotContain("\tat ");
    assertThat(folder.resolve("out")).isEmptyFile();
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void process_withLogFile_logsThereAndNotOnTheTerminal() throws Exception {
    Files.writeString(folder.resolve("model"), "x");

    int code = await(start("-Xmx512m", "digest", "--quiet", "--log-file", "run.log", "model"));

    assertThat(code).isEqualTo(ExitCode.OK);
    assertThat(folder.resolve("err")).isEmptyFile();
    assertThat(folder.resolve("run.log")).content().contains(" INFO ", "MiniCluster");
  }

  @Test
  void process_withWrongUsage_endsWithItsCode() throws Exception {
    int code = await(start("-Xmx64m", "sign", "model"));

    assertThat(code).isEqualTo(ExitCode.USAGE);
    assertThat(err()).startsWith("countersign: sign needs a method behind it");
  }

  private void sparseFile(String name, long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve(name).toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  private Process start(String memory, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                memory,
                "-Djava.io.tmpdir=" + temporary,
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path"))));
    if (Runtime.version().feature() >= 24) {
      command.addAll(
          1,
          List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"));
    }
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private String err() throws IOException {
    return Files.readString(folder.resolve("err"));
  }

  private static int await(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
          .as("the process ends")
          .isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** Waits until something lies there: the run has begun. */
  private static void awaitFilesIn(Path folder) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      try (Stream<Path> files = Files.list(folder)) {
        if (files.findAny().isPresent()) {
          return;
        }
      }
      Thread.sleep(20);
    }
    throw new AssertionError("nothing appeared in " + folder);
  }
}
