package dev.countersign.jobs.cli;

import static dev.countersign.jobs.cli.ProgramRuns.certificateFile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.SoftHsmTokens;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.PublicKeyFile;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  private static final String EXPORTED =
      "jdk.crypto.cryptoki/sun.security.pkcs11.wrapper=ALL-UNNAMED";
  private static final String PIN = SoftHsmTokens.PIN;

  private static SoftHsmTokens tokens;

  @TempDir Path folder;
  private ProgramRuns program;
  private String uri;

  /** SoftHSM reads its configuration once in a process, from the file that this variable names. */
  @BeforeAll
  static void makeToken() throws Exception {
    String configuration = System.getenv(SoftHsmTokens.VARIABLE);
    if (configuration == null) {
      assertThat(System.getenv("COUNTERSIGN_CI_ALL")).isNotEqualTo("yes");
      abort(SoftHsmTokens.VARIABLE + " is not set");
    }
    tokens = SoftHsmTokens.in(Path.of(configuration));
    tokens.initialize("release");
    importKey("release", "models", "01");
  }

  private static void importKey(String token, String label, String id) throws Exception {
    tokens.importKey(certificateFile("test-only-p256.key"), token, label, id);
  }

  @BeforeEach
  void setUp() throws Exception {
    program = new ProgramRuns(folder);
    program.file("pin", PIN + "\n");
    uri =
        "pkcs11:token=release;object=models?module-path="
            + SoftHsmTokens.MODULE
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
  void keyThatIsDeletedDuringARun_endsTheRun() throws Exception {
    importKey("release", "fleeting", "02");
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
    tokens.deleteKey("release", "02");
    // At once, so that it never looks like an empty model.
    program.file("e/weights.bin", "e");
    Files.move(folder.resolve("e"), folder.resolve("lake/e"));
    int code = run.await();

    assertThat(code).as(run.err()).isEqualTo(ExitCode.BROKEN);
    assertThat(run.err())
        .contains("was removed, or this process is no longer logged in to it (CKR_")
        .contains("Connect it and run the command again.")
        .doesNotContain("FAILED");
    assertThat(folder.resolve("lake/e/model.sig")).doesNotExist();
  }

  @Test
  void tokenThatIsRemovedDuringARun_endsTheRunWhichResumesWhenItIsBack() throws Exception {
    Path token = initializedToken("portable");
    for (int i = 0; i < 30; i++) {
      program.file("slow/model-" + i + "/weights.slow", "w".repeat(1_000 + i));
    }
    Files.createDirectory(folder.resolve("bundles"));
    List<String> arguments =
        List.of(
            "sign",
            "pkcs11-key",
            "--pkcs11-uri",
            uri.replace("token=release", "token=portable"),
            "--state",
            "state",
            "--checkpoint-interval",
            "500 ms",
            "--parallelism",
            "2",
            "--read-depth",
            "1",
            "--signature",
            folder + "/bundles/{name}.sig",
            "faulty://" + folder + "/slow/*");
    List<String> slow = List.of("--add-exports=" + EXPORTED, "-Dcountersign.test.pause-millis=250");

    ForkedProgram first = ForkedProgram.start(folder, slow, arguments);
    while (first.isAlive()
        && !(count(folder.resolve("bundles")) > 3 && holdsACheckpoint(folder.resolve("state")))) {
      Thread.sleep(50);
    }
    Path away = tokens.folder().resolveSibling("removed-" + token.getFileName());
    Files.move(token, away);
    int removed = first.await();
    String said = first.err();
    long signed = count(folder.resolve("bundles"));
    ForkedProgram second = ForkedProgram.start(folder, slow, arguments);
    int missing = second.await();
    String missed = second.err();
    Files.move(away, token);
    ForkedProgram third = ForkedProgram.start(folder, slow, arguments);
    int back = third.await();

    assertThat(removed).as(said).isEqualTo(ExitCode.BROKEN);
    assertThat(said)
        .contains("The token 'portable' was removed", "Connect it and run the command again.")
        .doesNotContain("FAILED");
    assertThat(signed).isBetween(4L, 29L);
    assertThat(missing).as(missed).isEqualTo(ExitCode.USAGE);
    assertThat(missed).contains("'release' (slot-id=", "Connect the token");
    assertThat(back).as(third.err()).isEqualTo(ExitCode.OK);
    assertThat(third.err()).contains("30 models: 30 signed; ", "of 30 models were done before");
    assertThat(third.out())
        .hasSize(30)
        .doesNotHaveDuplicates()
        .allMatch(line -> line.startsWith("SIGNED "));
  }

  /** Returns the folder of a new token that holds the key. */
  private static Path initializedToken(String label) throws Exception {
    List<Path> before = list(tokens.folder());
    tokens.initialize(label);
    importKey(label, "models", "01");
    return list(tokens.folder()).stream()
        .filter(file -> !before.contains(file))
        .findFirst()
        .orElseThrow();
  }

  private static List<Path> list(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.toList();
    }
  }

  private static boolean holdsACheckpoint(Path state) {
    try (Stream<Path> files = Files.walk(state)) {
      return files.anyMatch(file -> file.endsWith("_metadata"));
    } catch (IOException | UncheckedIOException e) {
      return false; // Changes meanwhile, or is not there yet.
    }
  }

  private static long count(Path bundles) throws IOException {
    return list(bundles).stream().filter(file -> file.toString().endsWith(".sig")).count();
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
        .contains("The token 'release' requires a PIN.", "name that in --pkcs11-uri");
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
}
