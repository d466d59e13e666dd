package dev.countersign.jobs.cli;

import static dev.countersign.jobs.cli.ProgramRuns.certificateFile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.PublicKeyFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Keys in a token of SoftHSM 2 from end to end, on the cluster that the program starts in this
 * process. The token holds a key and its public key, and no certificate.
 */
final class TokenRunsITCase {

  private static final String MODULE = "/usr/lib/softhsm/libsofthsm2.so";
  private static final String EXPORTED =
      "jdk.crypto.cryptoki/sun.security.pkcs11.wrapper=ALL-UNNAMED";
  private static final String PIN = "pin-9f31ce";

  @TempDir Path folder;
  private ProgramRuns program;
  private String uri;

  /** SoftHSM reads its configuration once in a process, from the file that this variable names. */
  @BeforeAll
  static void makeToken() throws Exception {
    String configuration = System.getenv("SOFTHSM2_CONF");
    if (configuration == null
        || !Files.exists(Path.of(MODULE))
        || !isInstalled("softhsm2-util")
        || !isInstalled("pkcs11-tool")) {
      assertThat(System.getenv("COUNTERSIGN_CI_ALL")).as("SoftHSM is missing").isNotEqualTo("yes");
      System.err.println(
          "NOT RUN, keys in tokens: no SoftHSM 2 or OpenSC (packages softhsm2, opensc)");
      abort("no SoftHSM 2");
    }
    Path tokens = Path.of(configuration).resolveSibling("tokens-" + ProcessHandle.current().pid());
    Files.createDirectories(tokens);
    Files.writeString(Path.of(configuration), "directories.tokendir = " + tokens + "\n");
    tool(
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "release",
        "--so-pin",
        "1234",
        "--pin",
        PIN);
    importKey("models", "01");
  }

  private static void importKey(String label, String id) throws Exception {
    tool(
        "softhsm2-util",
        "--import",
        certificateFile("test-only-p256.key"),
        "--token",
        "release",
        "--pin",
        PIN,
        "--label",
        label,
        "--id",
        id);
  }

  @BeforeEach
  void setUp() throws Exception {
    program = new ProgramRuns(folder);
    program.file("pin", PIN + "\n");
    uri =
        "pkcs11:token=release;object=models?module-path="
            + MODULE
            + "&pin-source=file:"
            + folder.resolve("pin");
    for (String model : List.of("a", "b", "c", "d")) {
      program.file("lake/" + model + "/weights.bin", model);
    }
  }

  @Test
  void models_signedWithAKeyInAToken_verifyWithItsPublicKeyAndHoldNoPin() throws Exception {
    String hint = KeyHint.of(publicKey());
    program.file("release.pub", PublicKeyFile.pem(publicKey()));

    Ended signed =
        program.run(
            "sign",
            "pkcs11-key",
            "--pkcs11-uri",
            uri,
            "--state",
            "state",
            "--output",
            "json",
            "--parallelism",
            "2",
            "--verbose",
            "lake/*");
    Ended again = program.run("sign", "pkcs11-key", "--pkcs11-uri", uri, "--skip-signed", "lake/a");
    Ended verified = program.run("verify", "key", "--public-key", "release.pub", "lake/*");
    Ended inspected = program.run("inspect", "lake/a");

    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(signed.outLines())
        .hasSize(4)
        .allMatch(line -> line.contains("\"signer\":\"" + hint + "\""))
        .allMatch(line -> line.contains("\"signatureMethod\":\"key\""));
    assertThat(again.out()).startsWith("SKIPPED  lake/a");
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
    assertThat(inspected.out()).contains(hint);
    assertThat(signed.out() + signed.err() + again.err()).doesNotContain(PIN);
    assertThat(filesWithThePin()).containsExactly(folder.resolve("pin"));
  }

  @Test
  void models_signedWithTheCertificateOfAKeyInAToken_verifyWithTheRoot() throws Exception {
    Ended signed =
        program.run(
            "sign",
            "pkcs11-certificate",
            "--pkcs11-uri",
            uri,
            "--signing-certificate",
            certificateFile("p256.pem"),
            "--certificate-chain",
            certificateFile("intermediate.pem"),
            "lake/a",
            "lake/b");
    Ended verified =
        program.run(
            "verify",
            "certificate",
            "--certificate-chain",
            certificateFile("root.pem"),
            "lake/a",
            "lake/b");
    Ended ofAnotherKey =
        program.run(
            "sign",
            "pkcs11-certificate",
            "--pkcs11-uri",
            uri,
            "--signing-certificate",
            certificateFile("rsa.pem"),
            "lake/c");

    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.outLines())
        .containsExactlyInAnyOrder(
            "VERIFIED lake/a  (signed by CN=Signer p256,O=Test only)",
            "VERIFIED lake/b  (signed by CN=Signer p256,O=Test only)");
    assertThat(ofAnotherKey.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ofAnotherKey.err())
        .contains(
            "Cannot use pkcs11:token=release;object=models as a private key: it is not the key of"
                + " the certificate \"CN=Signer rsa,O=Test only\"");
  }

  @Test
  void models_ofAnotherKey_areSignedAgainWithAKeyInAToken() throws Exception {
    program.keyPair("before");
    program.file("release.pub", PublicKeyFile.pem(publicKey()));
    program.file(
        "policy.yaml",
        "version: 1\nrules:\n  - name: all\n    models: '.*'\n    accept: {keys: before.pub}\n");
    program.run("sign", "key", "--private-key", "before.key", "lake/*");

    Ended resigned =
        program.run(
            "resign", "pkcs11-key", "--policy", "policy.yaml", "--pkcs11-uri", uri, "lake/*");
    Ended verified = program.run("verify", "key", "--public-key", "release.pub", "lake/*");

    assertThat(resigned.code()).as(resigned.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
  }

  /** Instead of failing all models that remain. */
  @Test
  void keyThatGoesAwayDuringARun_endsTheRunAndIsResumedLater() throws Exception {
    importKey("fleeting", "02");
    String fleeting = uri.replace("object=models", "object=fleeting");
    List<String> arguments =
        List.of(
            "sign",
            "pkcs11-key",
            "--pkcs11-uri",
            fleeting,
            "--watch",
            "300 ms",
            "--settle",
            "100 ms",
            "--state",
            "state",
            "--checkpoint-interval",
            "500 ms",
            "lake/*");
    Path bundle = folder.resolve("lake/a/model.sig");

    ForkedProgram run =
        ForkedProgram.start(folder, List.of("--add-exports=" + EXPORTED), arguments);
    while (run.isAlive() && !Files.exists(bundle)) {
      Thread.sleep(50);
    }
    tool(
        "pkcs11-tool",
        "--module",
        MODULE,
        "--token-label",
        "release",
        "--login",
        "--pin",
        PIN,
        "--delete-object",
        "--type",
        "privkey",
        "--id",
        "02");
    program.file("lake/e/weights.bin", "e");
    int code = run.await();

    assertThat(code).as(run.err()).isEqualTo(ExitCode.BROKEN);
    assertThat(run.err())
        .contains("was removed, or this process is no longer logged in to it (CKR_")
        .contains("Connect it and run the command again.")
        .doesNotContain("FAILED");
    assertThat(folder.resolve("lake/e/model.sig")).doesNotExist();
  }

  /** Tokens are reachable with the packages that Flink's own configuration opens. */
  @Test
  void keyInAToken_inAnotherJvm_signsIfTheJdksBindingIsExportedOrCanBe() throws Exception {
    List<String> arguments =
        List.of("sign", "pkcs11-key", "--pkcs11-uri", uri, "--parallelism", "1", "lake/a");

    ForkedProgram opened =
        ForkedProgram.start(
            folder, List.of("--add-opens=java.base/java.lang=ALL-UNNAMED"), arguments);
    int openedCode = opened.await();
    String openedErr = opened.err();
    ForkedProgram closed = ForkedProgram.start(folder, List.of(), arguments);

    assertThat(openedCode).as(openedErr).isEqualTo(ExitCode.OK);
    assertThat(openedErr).doesNotContain("WARNING");
    assertThat(closed.await()).isEqualTo(ExitCode.USAGE);
    assertThat(closed.err())
        .contains(
            "This JVM does not let its PKCS#11 binding be used. Start it with"
                + " --add-exports jdk.crypto.cryptoki/sun.security.pkcs11.wrapper=ALL-UNNAMED; on"
                + " a cluster, add that to env.java.opts.taskmanager.");
  }

  @Test
  void keysThatCannotBeUsed_endTheRunBeforeItStarts() throws Exception {
    program.file("wrong", "0000");

    Ended pinInUri =
        program.run(
            "sign",
            "pkcs11-key",
            "--pkcs11-uri",
            uri.replaceAll("pin-source=.*", "pin-value=" + PIN),
            "lake/a");
    Ended twoPins =
        program.run("sign", "pkcs11-key", "--pkcs11-uri", uri, "--pin-env", "PIN", "lake/a");
    Ended noPin =
        program.run(
            "sign", "pkcs11-key", "--pkcs11-uri", uri.replaceAll("&pin-source=.*", ""), "lake/a");
    Ended noVariable =
        program.run(
            "sign",
            "pkcs11-key",
            "--pkcs11-uri",
            uri.replaceAll("&pin-source=.*", ""),
            "--pin-env",
            "NO_SUCH_VARIABLE",
            "lake/a");
    Ended wrongPin =
        program.run("sign", "pkcs11-key", "--pkcs11-uri", uri.replace("/pin", "/wrong"), "lake/a");
    Ended noUri = program.run("sign", "pkcs11-key", "lake/a");
    Ended noCertificate = program.run("sign", "pkcs11-certificate", "--pkcs11-uri", uri, "lake/a");

    assertThat(List.of(pinInUri, twoPins, noPin, noVariable, wrongPin, noUri, noCertificate))
        .allMatch(ended -> ended.code() == ExitCode.USAGE)
        .noneMatch(ended -> ended.err().contains(PIN));
    assertThat(pinInUri.err()).contains("pin-value", "pin-source=file:");
    assertThat(twoPins.err()).contains("--pin-env and pin-source in --pkcs11-uri were both given");
    assertThat(noPin.err())
        .contains("The token 'release' wants a PIN.", "name that in --pkcs11-uri");
    assertThat(noVariable.err())
        .contains("Cannot use NO_SUCH_VARIABLE as a PIN variable: it is not set.");
    assertThat(wrongPin.err())
        .contains("The token 'release' refused the PIN in " + folder.resolve("wrong"));
    assertThat(noUri.err()).contains("--pkcs11-uri");
    assertThat(noCertificate.err()).contains("--signing-certificate");
    assertThat(folder.resolve("lake/a/model.sig")).doesNotExist();
  }

  private static PublicKey publicKey() throws Exception {
    return CertificateFile.load(
            certificateFile("p256.pem"), CertificateFile.Use.SIGNING_CERTIFICATE)
        .get(0)
        .getPublicKey();
  }

  private List<Path> filesWithThePin() throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> regular = files.filter(Files::isRegularFile).toList();
      return regular.stream().filter(TokenRunsITCase::holdsThePin).toList();
    }
  }

  private static boolean holdsThePin(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(PIN);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isInstalled(String tool) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(path -> Files.isExecutable(Path.of(path, tool)));
  }

  private static void tool(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
