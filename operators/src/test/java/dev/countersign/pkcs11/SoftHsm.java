package dev.countersign.pkcs11;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Tokens of SoftHSM 2 in a folder of their own. The library reads its configuration and looks for
 * tokens when it is loaded, once in a process; so a process has one such folder.
 */
final class SoftHsm {

  /** Read by SoftHSM; the build sets it for tests. */
  private static final String VARIABLE = "SOFTHSM2_CONF";

  private static final List<String> MODULES =
      List.of(
          "/usr/lib/softhsm/libsofthsm2.so",
          "/usr/lib64/pkcs11/libsofthsm2.so",
          "/opt/homebrew/lib/softhsm/libsofthsm2.so");

  private SoftHsm() {}

  /** Makes the configuration, without tokens, or skips the test where there is no SoftHSM. */
  static Path prepare() throws Exception {
    String configuration = System.getenv(VARIABLE);
    if (configuration == null) {
      return abort("SKIPPED: the variable " + VARIABLE + " is not set");
    }
    Path module =
        MODULES.stream()
            .map(Path::of)
            .filter(Files::exists)
            .findFirst()
            .orElseGet(() -> abort("SKIPPED: no SoftHSM 2; install the package softhsm2"));
    run("command -v softhsm2-util pkcs11-tool openssl");
    Path tokens = Path.of(configuration).resolveSibling("tokens-" + ProcessHandle.current().pid());
    Files.createDirectories(tokens);
    Files.writeString(Path.of(configuration), "directories.tokendir = " + tokens + "\n");
    return module;
  }

  /** Runs a line of shell; a tool that is missing skips the test. */
  static void run(String line) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("sh", "-ec", line)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("does not end: " + line);
    }
    if (process.exitValue() == 127 || (line.startsWith("command -v") && process.exitValue() != 0)) {
      abort("SKIPPED: a tool is missing for: " + line);
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(line + "\n" + said);
    }
  }
}
