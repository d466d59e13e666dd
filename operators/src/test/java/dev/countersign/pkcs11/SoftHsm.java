package dev.countersign.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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
      throw missing("the variable " + VARIABLE + " is not set");
    }
    Path module =
        MODULES.stream()
            .map(Path::of)
            .filter(Files::exists)
            .findFirst()
            .orElseThrow(() -> missing("there is no SoftHSM 2 (package softhsm2)"));
    for (String tool : List.of("softhsm2-util", "pkcs11-tool")) {
      boolean isThere =
          Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
      if (!isThere) {
        throw missing("there is no " + tool + " (packages softhsm2, opensc)");
      }
    }
    Path tokens = Path.of(configuration).resolveSibling("tokens-" + ProcessHandle.current().pid());
    Files.createDirectories(tokens);
    Files.writeString(Path.of(configuration), "directories.tokendir = " + tokens + "\n");
    return module;
  }

  private static AssertionError missing(String what) {
    assertThat(System.getenv("COUNTERSIGN_CI_ALL")).as(what).isNotEqualTo("yes");
    System.err.println("NOT RUN, keys in tokens: " + what);
    return abort(what);
  }

  /** Runs lines of shell. */
  static void run(String lines) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("sh", "-ec", lines)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("does not end: " + lines);
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(lines + "\n" + said);
    }
  }
}
