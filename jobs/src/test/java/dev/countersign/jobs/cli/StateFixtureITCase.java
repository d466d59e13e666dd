package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.pipeline.FixtureFileSystem;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goes on with the state that a release left in the middle of a run, so that no later one breaks it
 * unseen: {@code src/test/resources/state/v1} holds a state folder as it was, with the checkpoints
 * and the results that were not committed yet. To record that of this version anew:
 *
 * <pre>
 * mvn -o verify -Dtest=none -Dit.test=StateFixtureITCase -Dstate.fixture=write -Dfatjar.skip
 * </pre>
 *
 * <p>Flink's state holds absolute paths. They are recorded as a placeholder of {@value #LENGTH}
 * characters and replaced by a folder whose name is as long, so that the state's lengths hold.
 */
@Timeout(300)
final class StateFixtureITCase {

  private static final Path FIXTURE = Path.of("src", "test", "resources", "state", "v1");

  private static final int LENGTH = 200;

  private static final String PLACEHOLDER = "/" + "x".repeat(LENGTH - 1);

  private static final int SMALL = 60;

  /** Too large to be planned together with another file, so that its model takes two units. */
  private static final long LARGE_BYTES = 65L << 20;

  private static final FileTime WRITTEN = FileTime.fromMillis(1_700_000_000_000L);

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void setUp() throws IOException {
    int missing = LENGTH - temporary.toString().length() - 1;
    folder = Files.createDirectory(temporary.resolve("p".repeat(missing)));
    for (int i = 0; i < SMALL; i++) {
      write("small-" + i + "/weights.slow", 1_000 + i);
    }
    write("large/a.slow", LARGE_BYTES);
    write("large/b.slow", 10);
    System.setProperty(FixtureFileSystem.ROOT, folder.toString());
  }

  @AfterEach
  void forgetRoot() {
    System.clearProperty(FixtureFileSystem.ROOT);
  }

  @Test
  void state_ofVersion1_isRestoredAndItsRunEnds() throws Exception {
    copy(FIXTURE, folder.resolve("state"), PLACEHOLDER, folder.toString());
    Files.setPosixFilePermissions(
        folder.resolve("state"), PosixFilePermissions.fromString("rwx------"));
    System.setProperty("countersign.test.pause-millis", "0");

    Ended ended = new ProgramRuns(folder).run(arguments());
    System.clearProperty("countersign.test.pause-millis");
    Ended undisturbed = new ProgramRuns(folder).run("digest", "--quiet", "fixture:///lake/*");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.err()).containsPattern("Resumed: [1-9][0-9]* of 61 models were done before");
    assertThat(ended.outLines()).containsExactlyInAnyOrderElementsOf(undisturbed.outLines());
    assertThat(ended.outLines()).hasSize(SMALL + 1);
  }

  @Test
  @EnabledIfSystemProperty(named = "state.fixture", matches = "write")
  void state_ofThisVersion_isRecorded() throws Exception {
    ForkedProgram program =
        ForkedProgram.start(
            folder,
            List.of(
                "-D" + FixtureFileSystem.ROOT + "=" + folder,
                "-Dcountersign.test.pause-millis=100"),
            List.of(arguments()));
    Path state = folder.resolve("state");
    while (program.isAlive() && checkpoint(state).compareTo("chk-4") < 0) {
      Thread.sleep(50);
    }
    program.askToStop();
    assertThat(program.await()).as(program.err()).isEqualTo(ExitCode.INTERRUPTED);

    delete(FIXTURE);
    Files.delete(state.resolve("lock"));
    copy(state, FIXTURE, folder.toString(), PLACEHOLDER);
  }

  private static String[] arguments() {
    return new String[] {
      "digest",
      "--state",
      "state",
      "--checkpoint-interval",
      "500 ms",
      "--parallelism",
      "1",
      "--lanes",
      "2",
      "fixture:///lake/*"
    };
  }

  /** The name of the newest checkpoint; empty if there is none. */
  private static String checkpoint(Path state) throws IOException {
    String newest = "";
    for (Path file : files(state)) {
      String name = file.getParent().getFileName().toString();
      if (file.getFileName().toString().equals("_metadata") && name.compareTo(newest) > 0) {
        newest = name;
      }
    }
    return newest;
  }

  /** Copies a state; a checkpoint is complete after all that it commits was written. */
  private static void copy(Path from, Path to, String path, String newPath) throws IOException {
    for (Path file : files(from)) {
      Path copy = to.resolve(from.relativize(file).toString());
      Files.createDirectories(copy.getParent());
      Files.write(copy, replace(Files.readAllBytes(file), path, newPath));
      boolean metadata = file.getFileName().toString().equals("_metadata");
      Files.setLastModifiedTime(
          copy, metadata ? FileTime.fromMillis(WRITTEN.toMillis() + 1) : WRITTEN);
    }
  }

  /** Byte for byte, since the state is no text. */
  private static byte[] replace(byte[] bytes, String path, String newPath) {
    assertThat(newPath).hasSameSizeAs(path);
    return new String(bytes, StandardCharsets.ISO_8859_1)
        .replace(path, newPath)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void delete(Path root) throws IOException {
    for (Path file : files(root)) {
      Files.delete(file);
    }
  }

  private static List<Path> files(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(root)) {
      return new ArrayList<>(all.filter(Files::isRegularFile).toList());
    } catch (java.io.UncheckedIOException e) {
      // Flink deletes old checkpoints meanwhile.
      return List.of();
    }
  }

  private void write(String name, long bytes) throws IOException {
    Path file = folder.resolve("lake").resolve(name);
    Files.createDirectories(file.getParent());
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
      content.setLength(bytes);
      content.write(name.getBytes(StandardCharsets.UTF_8));
    }
    Files.setLastModifiedTime(file, WRITTEN);
  }
}
