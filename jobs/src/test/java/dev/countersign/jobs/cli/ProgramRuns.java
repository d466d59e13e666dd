package dev.countersign.jobs.cli;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
