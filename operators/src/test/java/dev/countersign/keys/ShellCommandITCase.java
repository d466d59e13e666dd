package dev.countersign.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.countersign.keys.KeySource.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs each command that a message advises as it is printed, and uses what it made. */
final class ShellCommandITCase {

  private static final List<String> TOOLS =
      List.of("openssl", "ssh-keygen", "keytool", "cosign", "age", "base64");

  private static final String PEM = "$K/test-only-p256-pkcs8.pem";
  private static final String OPENSSH = "ssh-keygen -q -N \"$PASS\" -f ";
  private static final String PKCS12 =
      "openssl pkcs12 -export -passout \"pass:$PASS\" -inkey " + PEM;
  private static final String KEYTOOL =
      "keytool -genkeypair -keyalg EC -groupname secp256r1 -dname CN=Test"
          + " -storepass \"$PASS\" -keypass \"$PASS\" -keystore FILE ";

  @TempDir private Path folder;

  /**
   * How a file comes about for which a command is advised.
   *
   * @param role what the file is given as
   * @param setup commands that make FILE; $K is the folder of the test's keys
   */
  private record Given(Role role, List<String> setup) {}

  @ParameterizedTest
  @EnumSource(ShellCommand.class)
  void command_asAMessagePrintsIt_makesAFileThatIsRead(ShellCommand command) throws Exception {
    Given given = given(command);
    for (String line : given.setup()) {
      requireTools(line);
      run(line);
    }
    String message = String.valueOf(catchThrowable(() -> use(given.role(), "FILE")).getMessage());
    String printed = message.substring(message.lastIndexOf(" with: ") + " with: ".length());

    assertThat(message).startsWith("Cannot use FILE as a ").endsWith(" with: " + command);
    requireTools(printed);
    run(printed);
    check(command, given.role());
  }

  private static Given given(ShellCommand command) {
    return switch (command) {
      case MAKE_EC ->
          privateKey(
              "printf '%s\\n' '-----BEGIN PGP PRIVATE KEY BLOCK-----' '' lQ== =abcd"
                  + " '-----END PGP PRIVATE KEY BLOCK-----' > FILE");
      case MAKE_EC_FOR_COSIGN ->
          privateKey(
              "printf '%s\\n' '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----' e30="
                  + " '-----END ENCRYPTED SIGSTORE PRIVATE KEY-----' > FILE");
      case MAKE_ED25519 -> privateKey(OPENSSH + "FILE -t ed25519");
      case MAKE_RSA -> privateKey("cp $K/test-only-rsa1024-pkcs8.pem FILE");
      // A PKCS#12 file whose content is signed: version 3, then the type signedData.
      case MAKE_PKCS12 ->
          privateKey(
              "echo MBQCAQMwDwYJKoZIhvcNAQcCoAIFAA== | base64 -d > FILE",
              "cp " + PEM + " KEY.pem",
              "openssl req -x509 -key KEY.pem -subj /CN=Test -out CERT.pem");
      case PUBLIC_KEY_OF_PRIVATE -> publicKey("cp " + PEM + " FILE");
      case PUBLIC_KEY_OF_CERTIFICATE -> publicKey("cp $K/certificate.pem FILE");
      case PRIVATE_KEY_OF_DER -> privateKey("cp $K/test-only-p256.der FILE");
      case ENCRYPTED_PRIVATE_KEY_OF_DER ->
          privateKey(
              "openssl pkcs8 -topk8 -passout \"pass:$PASS\" -outform DER -out FILE -in " + PEM);
      case PUBLIC_KEY_OF_DER -> publicKey("cp $K/p256-public.der FILE");
      case PUBLIC_KEY_OF_PRIVATE_DER -> publicKey("cp $K/test-only-p256.der FILE");
      case PUBLIC_KEY_OF_CERTIFICATE_DER ->
          publicKey("openssl x509 -in $K/certificate.pem -outform DER -out FILE");
      case CERTIFICATE_OF_DER ->
          certificates("openssl x509 -in $K/chain.pem -outform DER -out FILE");
      case CERTIFICATES_OF_PKCS7_DER ->
          certificates("openssl crl2pkcs7 -nocrl -certfile $K/chain.pem -outform DER -out FILE");
      case NAMED_CURVE -> privateKey("cp $K/test-only-p256-explicit-curve.pem FILE");
      case NAMED_CURVE_OF_PUBLIC -> publicKey("cp $K/p256-public-explicit-curve.pem FILE");
      case ENCRYPT -> privateKey("cp $K/test-only-p256-pbkdf2-aria256.pem FILE");
      case ENCRYPT_WITH_OLD_CIPHER ->
          privateKey(
              "openssl pkcs8 -topk8 -v1 PBE-MD5-DES -provider legacy -provider default"
                  + " -passout \"pass:$PASS\" -out FILE -in "
                  + PEM);
      case TO_PKCS8 -> privateKey("cp $K/test-only-p256-sec1-aria256.pem FILE");
      case TO_PKCS8_WITH_OLD_CIPHER ->
          privateKey(
              "openssl ec -seed -provider legacy -provider default -passout \"pass:$PASS\""
                  + " -out FILE -in "
                  + PEM);
      case CERTIFICATES_OF_TRUSTED ->
          certificates(
              "openssl x509 -trustout -in $K/chain-leaf.pem > FILE",
              "openssl x509 -trustout -in $K/chain-root.pem >> FILE");
      case CERTIFICATES_OF_PKCS7 -> certificates("cp $K/chain-pkcs7.pem FILE");
      case CERTIFICATES_OF_CMS -> certificates("sed 's/PKCS7-/CMS-/' $K/chain-pkcs7.pem > FILE");
      case KEY_OF_PKCS12 -> privateKey(PKCS12 + " -nocerts -macalg MD5 -out FILE");
      case KEY_OF_OLD_PKCS12 -> privateKey("cp $K/test-only-rc4.p12 FILE");
      case CERTIFICATES_OF_PKCS12 -> certificates("cp $K/test-only-p256-chain.p12 FILE");
      case CERTIFICATES_OF_OLD_PKCS12 -> certificates("cp $K/test-only-p256-legacy.p12 FILE");
      case PUBLIC_KEY_OF_PKCS12 -> publicKey("cp $K/test-only-p256-chain.p12 FILE");
      case PUBLIC_KEY_OF_OLD_PKCS12 -> publicKey("cp $K/test-only-p256-legacy.p12 FILE");
      case ONE_KEY_OF_PKCS12 ->
          privateKey(
              KEYTOOL + "-storetype PKCS12 -alias name",
              KEYTOOL + "-storetype PKCS12 -alias other");
      case PKCS12_OF_JKS -> privateKey(KEYTOOL + "-storetype JKS -alias name");
      case PKCS12_OF_JCEKS -> privateKey(KEYTOOL + "-storetype JCEKS -alias name");
      case CERTIFICATES_OF_JKS -> certificates(KEYTOOL + "-storetype JKS -alias name");
      case PUBLIC_KEY_OF_JKS -> publicKey(KEYTOOL + "-storetype JKS -alias name");
      case PKCS8_OF_OPENSSH -> privateKey(OPENSSH + "FILE -t ecdsa");
      case PUBLIC_KEY_OF_OPENSSH -> publicKey(OPENSSH + "k -t ecdsa", "cp k.pub FILE");
      case PUBLIC_KEY_OF_OPENSSH_ED25519 -> publicKey(OPENSSH + "k -t ed25519", "cp k.pub FILE");
      case PUBLIC_KEY_OF_OPENSSH_ED25519_PRIVATE ->
          publicKey(OPENSSH + "k -t ed25519", "cp k FILE");
      case PUBLIC_KEY_OF_COSIGN -> publicKey("cosign generate-key-pair && cp cosign.key FILE");
      case DECRYPT_AGE ->
          privateKey(
              "age-keygen -o IDENTITY && age -r \"$(age-keygen -y IDENTITY)\" -o FILE " + PEM);
      case UNESCAPE ->
          privateKey("printf '\"%s\"' \"$(sed 's/$/\\\\n/' " + PEM + " | tr -d '\\n')\" > FILE");
      case UNINDENT -> privateKey("sed 's/^/  \t/' " + PEM + " > FILE");
      case DECODE_BASE64 -> privateKey("base64 " + PEM + " > FILE");
    };
  }

  /** Uses what the command wrote: it must be the key or the certificates that were in FILE. */
  private void check(ShellCommand command, Role role) throws Exception {
    switch (command) {
      case MAKE_EC, MAKE_EC_FOR_COSIGN, MAKE_ED25519, MAKE_RSA ->
          assertThat(privateKeyIn("KEY.pem")).isNotNull();
      case MAKE_PKCS12 -> assertThat(privateKeyIn("KEY.p12")).isEqualTo(p256());
      case ONE_KEY_OF_PKCS12, PKCS12_OF_JKS, PKCS12_OF_JCEKS ->
          assertThat(privateKeyIn("KEY.p12")).isNotNull();
      case UNESCAPE, UNINDENT, DECODE_BASE64, DECRYPT_AGE ->
          assertThat(privateKeyIn("NEW.pem")).isEqualTo(p256());
      case PKCS8_OF_OPENSSH ->
          assertThat(privateKeyIn("KEY.pem").getEncoded())
              .endsWith(tail(openSshLine("FILE.pub"), 64));
      case PUBLIC_KEY_OF_OPENSSH ->
          assertThat(publicKeyIn("KEY.pem").getEncoded()).endsWith(tail(openSshLine("k.pub"), 64));
      case PUBLIC_KEY_OF_OPENSSH_ED25519, PUBLIC_KEY_OF_OPENSSH_ED25519_PRIVATE ->
          assertThat(publicKeyIn("KEY.pem").getEncoded()).endsWith(tail(openSshLine("k.pub"), 32));
      case PUBLIC_KEY_OF_CERTIFICATE, PUBLIC_KEY_OF_CERTIFICATE_DER ->
          assertThat(publicKeyIn("KEY.pem"))
              .isEqualTo(certificatesOf("certificate.pem").get(0).getPublicKey());
      case PUBLIC_KEY_OF_JKS, PUBLIC_KEY_OF_COSIGN ->
          assertThat(publicKeyIn("KEY.pem")).isNotNull();
      case CERTIFICATE_OF_DER ->
          assertThat(certificatesIn()).containsExactly(certificatesOf("chain.pem").get(0));
      case CERTIFICATES_OF_TRUSTED ->
          assertThat(certificatesIn())
              .containsExactlyInAnyOrder(
                  certificatesOf("chain-leaf.pem").get(0), certificatesOf("chain-root.pem").get(0));
      case CERTIFICATES_OF_PKCS7, CERTIFICATES_OF_PKCS7_DER, CERTIFICATES_OF_CMS ->
          assertThat(certificatesIn())
              .containsExactlyInAnyOrderElementsOf(certificatesOf("chain.pem"));
      case CERTIFICATES_OF_PKCS12, CERTIFICATES_OF_OLD_PKCS12 ->
          assertThat(certificatesIn()).contains(certificatesOf("chain-leaf.pem").get(0));
      case CERTIFICATES_OF_JKS -> assertThat(certificatesIn()).hasSize(1);
      default ->
          assertThat(role == Role.PRIVATE_KEY ? privateKeyIn("KEY.pem") : publicKeyIn("KEY.pem"))
              .isEqualTo(p256());
    }
  }

  private static Given privateKey(String... setup) {
    return new Given(Role.PRIVATE_KEY, List.of(setup));
  }

  private static Given publicKey(String... setup) {
    return new Given(Role.PUBLIC_KEY, List.of(setup));
  }

  private static Given certificates(String... setup) {
    return new Given(Role.CERTIFICATE_CHAIN, List.of(setup));
  }

  /** Reads a file in the folder as what it is given as, under its bare name. */
  private void use(Role role, String name) throws Exception {
    byte[] content = Files.readAllBytes(folder.resolve(name));
    switch (role) {
      case PRIVATE_KEY ->
          assertThat(PrivateKeyFile.read(content, name, KeyFixtures.passphrase()).pair()).isNull();
      case PUBLIC_KEY -> assertThat(PublicKeyFile.read(content, name)).isNull();
      default ->
          assertThat(CertificateFile.read(content, name, CertificateFile.Use.CERTIFICATE_CHAIN))
              .isNull();
    }
  }

  private PublicKey privateKeyIn(String name) throws Exception {
    return PrivateKeyFile.load(folder.resolve(name).toString(), KeyFixtures.passphrase())
        .pair()
        .getPublic();
  }

  private PublicKey publicKeyIn(String name) throws Exception {
    return PublicKeyFile.load(folder.resolve(name).toString());
  }

  private List<X509Certificate> certificatesIn() throws Exception {
    return CertificateFile.load(
        folder.resolve("CERT.pem").toString(), CertificateFile.Use.CERTIFICATE_CHAIN);
  }

  private static List<X509Certificate> certificatesOf(String fixture) throws Exception {
    return CertificateFile.read(
        KeyFixtures.bytes(fixture), fixture, CertificateFile.Use.CERTIFICATE_CHAIN);
  }

  private static PublicKey p256() throws Exception {
    return PublicKeyFile.read(KeyFixtures.bytes("p256-public.pem"), "p256-public.pem");
  }

  private byte[] openSshLine(String name) throws IOException {
    return Base64.getDecoder().decode(Files.readString(folder.resolve(name)).split(" ", -1)[1]);
  }

  private static byte[] tail(byte[] bytes, int length) {
    return Arrays.copyOfRange(bytes, bytes.length - length, bytes.length);
  }

  private static void requireTools(String command) {
    for (String tool : TOOLS) {
      boolean named =
          Pattern.compile("(?:^|[ (])" + tool + "(?:-keygen)? ").matcher(command).find();
      if (named && !isInstalled(tool)) {
        assertThat(System.getenv("COUNTERSIGN_CI_ALL"))
            .as("%s is not installed, so %s cannot be run", tool, command)
            .isNotEqualTo("yes");
        System.err.println("NOT RUN, since " + tool + " is not installed: " + command);
        abort(tool + " is not installed");
      }
    }
  }

  private static boolean isInstalled(String tool) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(path -> Files.isExecutable(Path.of(path, tool)));
  }

  /** Runs a command without a terminal, so that all programs read passphrases from where we say. */
  private void run(String command) throws Exception {
    Path ask = folder.resolve("ask");
    if (!Files.isExecutable(ask)) {
      Files.writeString(ask, "#!/bin/sh\necho \"$PASS\"\n");
      assertThat(new ProcessBuilder("chmod", "700", ask.toString()).start().waitFor()).isZero();
    }
    List<String> words = new ArrayList<>(List.of("sh", "-c", command));
    if (isInstalled("setsid")) {
      words.addAll(0, List.of("setsid", "-w"));
    }
    String passphrase = new String(KeyFixtures.passphrase().orElseThrow());
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "K",
                KeyFixtures.path("p256-public.pem").getParent().toString(),
                "PASS",
                passphrase,
                "COSIGN_PASSWORD",
                passphrase,
                "SSH_ASKPASS",
                ask.toString(),
                "SSH_ASKPASS_REQUIRE",
                "force",
                "DISPLAY",
                "none"));
    Path output = folder.resolve("output");
    Path input = Files.writeString(folder.resolve("input"), "correct horse\n".repeat(4));
    Process process =
        builder
            .redirectInput(input.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(command).isTrue();
    assertThat(process.exitValue()).as("%s: %s", command, Files.readString(output, UTF_8)).isZero();
  }
}
