package dev.countersign.jobs.cli;

import static dev.countersign.jobs.cli.ProgramRuns.certificateFile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

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
  private static final String PIN = "pin-9f31ce";

  @TempDir Path folder;
  private ProgramRuns program;
  private String uri;

  /** SoftHSM reads its configuration once in a process, from the file that this variable names. */
  @BeforeAll
  static void makeToken() throws Exception {
    String configuration = System.getenv("SOFTHSM2_CONF");
    if (configuration == null || !Files.exists(Path.of(MODULE))) {
      abort("SKIPPED: no SoftHSM 2 with SOFTHSM2_CONF; install the package softhsm2");
    }
    Path tokens = Path.of(configuration).resolveSibling("tokens-" + ProcessHandle.current().pid());
    Files.createDirectories(tokens);
    Files.writeString(Path.of(configuration), "directories.tokendir = " + tokens + "\n");
    softhsm("--init-token", "--free", "--label", "release", "--so-pin", "1234", "--pin", PIN);
    softhsm(
        "--import",
        certificateFile("test-only-p256.key"),
        "--token",
        "release",
        "--pin",
        PIN,
        "--label",
        "models",
        "--id",
        "01");
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
    assertThat(pinInUri.err()).contains("holds a PIN in pin-value", "--pin-env");
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

  private static void softhsm(String... arguments) throws Exception {
    List<String> command = Stream.concat(Stream.of("softhsm2-util"), Stream.of(arguments)).toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
