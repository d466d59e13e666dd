package dev.countersign.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The program as a process of its own, for tests, with the tests' class path. It works in a folder,
 * and what it prints goes to the files {@code out} and {@code err} there.
 */
public final class ForkedProgram {

  private static final long PATIENCE_MINUTES = 5;

  private final Path folder;
  private final Process process;

  private ForkedProgram(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  /** Starts the program. */
  public static ForkedProgram start(Path folder, List<String> jvmOptions, List<String> arguments)
      throws IOException {
    return start(
        folder, ProcessBuilder.Redirect.to(folder.resolve("out").toFile()), jvmOptions, arguments);
  }

  /** Starts the program with its standard output elsewhere; nobody reads from a pipe. */
  public static ForkedProgram start(
      Path folder, ProcessBuilder.Redirect output, List<String> jvmOptions, List<String> arguments)
      throws IOException {
    return start(folder, output, Map.of(), jvmOptions, arguments);
  }

  /** Starts the program with variables in its environment. */
  public static ForkedProgram start(
      Path folder, Map<String, String> environment, List<String> jvmOptions, List<String> arguments)
      throws IOException {
    ProcessBuilder.Redirect output = ProcessBuilder.Redirect.to(folder.resolve("out").toFile());
    return start(folder, output, environment, jvmOptions, arguments);
  }

  private static ForkedProgram start(
      Path folder,
      ProcessBuilder.Redirect output,
      Map<String, String> environment,
      List<String> jvmOptions,
      List<String> arguments)
      throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"));
    command.add("-Djava.io.tmpdir=" + temporary);
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(jvmOptions);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(output)
            .redirectError(folder.resolve("err").toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getInputStream().close();
    return new ForkedProgram(folder, process);
  }

  /** Ends it as {@code kill -9} does, if it has not ended. */
  public void kill() throws InterruptedException {
    int unused = process.destroyForcibly().waitFor();
  }

  /** Asks it to stop, as {@code kill} and Ctrl-C do. */
  public void askToStop() {
    process.destroy();
  }

  /** Tells whether it runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Returns its number. */
  public long pid() {
    return process.pid();
  }

  /** Waits for its end; returns its exit code. */
  public int await() throws InterruptedException {
    try {
      if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
        throw new AssertionError("the program does not end");
      }
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  /** Returns the lines on standard output. */
  public List<String> out() throws IOException {
    return Files.readAllLines(folder.resolve("out"));
  }

  /** Returns what is on standard error. */
  public String err() throws IOException {
    return Files.readString(folder.resolve("err"));
  }
}
