package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cluster.ClusterEngine;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Runs the program in this process for tests, as from a shell in {@code folder}. */
public final class ProgramRuns {

  /** What a run left: its exit code and what it printed. */
  public record Ended(int code, String out, String err) {

    public List<String> outLines() {
      return out.lines().toList();
    }
  }

  final Path folder;
  final Map<String, String> environment = new HashMap<>();
  InputStream standardInput = InputStream.nullInputStream();
  Supplier<Optional<ClusterEngine>> cluster = Optional::empty;

  public ProgramRuns(Path folder) {
    this.folder = folder;
  }

  public Ended run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8),
            false);
    int code =
        new Program(
                console,
                new Program.Surroundings(environment, folder, standardInput, cluster.get(), false))
            .run(arguments);
    return new Ended(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  public void pipe(String text) {
    standardInput = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a file below the folder, with the folders above it; returns it. */
  public Path file(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  /**
   * Requires that a command refuses to replace a pipe, named itself or by a link.
   *
   * @param command runs with the name of its output
   */
  public void assertReplacesNoPipe(String ending, Function<String, Ended> command)
      throws Exception {
    Path pipe = folder.resolve("pipe." + ending);
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path link = Files.createSymbolicLink(folder.resolve("link." + ending), pipe);

    for (Path named : List.of(pipe, link)) {
      Ended ended = command.apply(named.getFileName().toString());

      assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err())
          .isEqualTo(
              "countersign: "
                  + named
                  + " is a pipe, a socket or a device, and no file replaces it. Name another"
                  + " file.\n");
    }
    assertThat(Files.readAttributes(pipe, BasicFileAttributes.class).isOther()).isTrue();
    assertThat(link).isSymbolicLink();
  }

  /**
   * Requires that a command replaces the file that a link leads to, and refuses a link to none.
   *
   * @param begin what the command writes begins with it
   * @param command runs with the name of its output
   */
  public void assertReplacesWhatALinkLeadsTo(
      String ending, String begin, Function<String, Ended> command) throws Exception {
    Path file = file("elsewhere/file." + ending, "old");
    Path link = Files.createSymbolicLink(folder.resolve("link." + ending), file);
    Path lost =
        Files.createSymbolicLink(folder.resolve("lost." + ending), folder.resolve("nowhere"));

    assertThat(command.apply("link." + ending).code()).isZero();
    Ended refused = command.apply("lost." + ending);

    assertThat(link).isSymbolicLink();
    assertThat(Files.readString(file)).startsWith(begin);
    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).contains(lost.getFileName() + " is a link that leads to no file");
  }

  /** Where a key, certificate or list of the tests' certificates lies, for a command line. */
  static String certificateFile(String name) {
    URL found =
        Objects.requireNonNull(ProgramRuns.class.getResource("/certificates/" + name), name);
    try {
      return Path.of(found.toURI()).toRealPath().toString();
    } catch (URISyntaxException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A key pair {@code release.key}, {@code release.pub}. */
  public void keyPair(String prefix) {
    Ended ended = run("generate-key-pair", "--output-key-prefix", prefix);
    if (ended.code() != ExitCode.OK) {
      throw new IllegalStateException(ended.err());
    }
  }
}
