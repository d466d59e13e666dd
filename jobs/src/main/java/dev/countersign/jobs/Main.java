package dev.countersign.jobs;

import dev.countersign.jobs.cli.Program;
import dev.countersign.jobs.cluster.ClusterEngine;
import dev.countersign.jobs.embedded.KerberosLogin;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ExitCode;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Entry point of {@code countersign.jar}, from a shell and from {@code flink run}. */
public final class Main {

  private Main() {}

  /**
   * Runs the program and ends the process with its exit code.
   *
   * @throws IllegalStateException within a job manager, which must not be ended from here, if the
   *     program did not succeed: that is how an application says so
   */
  public static void main(String[] arguments) {
    boolean ownProcess = isOwnProcess();
    if (ownProcess) {
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, fault) ->
              LoggerFactory.getLogger(Main.class)
                  .error("Thread {} ended", thread.getName(), fault));
    }
    if (ownProcess) {
      KerberosLogin.prepare(System.getenv());
    }
    Optional<ClusterEngine> cluster = ownProcess ? Optional.empty() : ClusterEngine.ofThisProcess();
    int code =
        new Program(
                Console.ofProcess(),
                new Program.Surroundings(
                    System.getenv(), Path.of("").toAbsolutePath(), System.in, cluster, ownProcess))
            .run(arguments);
    if (cluster.isPresent() && cluster.get().isInJobManager()) {
      if (code != ExitCode.OK) {
        throw new IllegalStateException("countersign ended with exit code " + code);
      }
    } else if (ownProcess || code != ExitCode.OK) {
      System.exit(code);
    }
  }

  /** Whether the JVM was started for this class: then its main method is where all began. */
  private static boolean isOwnProcess() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .reduce((inner, outer) -> outer)
                    .map(StackWalker.StackFrame::getClassName)
                    .filter(Main.class.getName()::equals)
                    .isPresent());
  }
}
