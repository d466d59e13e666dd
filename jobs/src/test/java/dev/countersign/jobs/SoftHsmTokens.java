package dev.countersign.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Tokens of SoftHSM 2 in a folder of their own, all with one PIN. SoftHSM reads its configuration
 * once in a process, from the file that {@link #VARIABLE} names.
 *
 * @param configuration file that says where the tokens are
 * @param folder where they are, one folder each
 */
public record SoftHsmTokens(Path configuration, Path folder) {

  public static final String VARIABLE = "SOFTHSM2_CONF";
  public static final String MODULE = "/usr/lib/softhsm/libsofthsm2.so";
  public static final String PIN = "pin-9f31ce";

  /** Writes the configuration, or skips the test where SoftHSM or OpenSC are missing. */
  public static SoftHsmTokens in(Path configuration) throws Exception {
    if (!Files.exists(Path.of(MODULE))
        || !isInstalled("softhsm2-util")
        || !isInstalled("pkcs11-tool")) {
      assertThat(System.getenv("COUNTERSIGN_CI_ALL")).as("SoftHSM is missing").isNotEqualTo("yes");
      System.err.println(
          "NOT RUN, keys in tokens: no SoftHSM 2 or OpenSC (packages softhsm2, opensc)");
      abort("no SoftHSM 2");
    }
    Path folder =
        Files.createDirectories(
            configuration.resolveSibling("tokens-" + ProcessHandle.current().pid()));
    Files.writeString(configuration, "directories.tokendir = " + folder + "\n");
    return new SoftHsmTokens(configuration, folder);
  }

  /** Makes a token. */
  public void initialize(String label) throws Exception {
    tool(
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        label,
        "--so-pin",
        "1234",
        "--pin",
        PIN);
  }

  /** Puts a private key, an unencrypted PEM file, and its public key into a token. */
  public void importKey(String file, String token, String label, String id) throws Exception {
    tool(
        "softhsm2-util",
        "--import",
        file,
        "--token",
        token,
        "--pin",
        PIN,
        "--label",
        label,
        "--id",
        id);
  }

  /** Takes a private key out of a token. */
  public void deleteKey(String token, String id) throws Exception {
    tool(
        "pkcs11-tool",
        "--module",
        MODULE,
        "--token-label",
        token,
        "--login",
        "--pin",
        PIN,
        "--delete-object",
        "--type",
        "privkey",
        "--id",
        id);
  }

  private void tool(String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put(VARIABLE, configuration.toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static boolean isInstalled(String tool) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(path -> Files.isExecutable(Path.of(path, tool)));
  }
}
