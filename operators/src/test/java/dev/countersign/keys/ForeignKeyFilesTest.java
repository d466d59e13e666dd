package dev.countersign.keys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files of other programs, and PEM that something changed on its way, are named as what they are.
 */
final class ForeignKeyFilesTest {

  private static final String PEM =
      new String(KeyFixtures.bytes("test-only-p256-pkcs8.pem"), US_ASCII);
  private static final String PUBLIC_PEM =
      new String(KeyFixtures.bytes("p256-public.pem"), US_ASCII);

  static Stream<Arguments> files() {
    return Stream.of(
        Arguments.of(block("ENCRYPTED SIGSTORE PRIVATE KEY"), "is encrypted as cosign does it", ""),
        Arguments.of(block("ENCRYPTED COSIGN PRIVATE KEY"), "is encrypted as cosign does it", ""),
        Arguments.of("\u00fe\u00ed\u00fe\u00ed\0\0\0\2", "is a Java key store of type JKS", ""),
        Arguments.of("\u00ce\u00ce\u00ce\u00ce\0\0\0\2", "is a Java key store of type JCEKS", ""),
        Arguments.of("# public key: age1xyz\nAGE-SECRET-KEY-1QQ\n", "is an age key", "cannot sign"),
        Arguments.of("age1xyz\n", "is an age key", "cannot sign"),
        Arguments.of("age-encryption.org/v1\n-> X25519 a\n", "is encrypted with age", ""),
        Arguments.of(block("AGE ENCRYPTED FILE"), "is encrypted with age", ""),
        Arguments.of(block("PGP PRIVATE KEY BLOCK"), "holds an OpenPGP key", ""),
        Arguments.of(block("PGP PUBLIC KEY BLOCK"), "holds an OpenPGP key", ""),
        Arguments.of("\u0095\u0003\u0018\u0004", "holds an OpenPGP key", ""),
        Arguments.of("\u00c63\u0004", "holds an OpenPGP key", ""),
        Arguments.of(PEM.replace("\n", "\\n"), "is PEM text whose line ends are the char", "\\n."),
        Arguments.of('"' + PUBLIC_PEM.replace("\n", "\\n") + '"', "is PEM text whose line", ""),
        Arguments.of(PEM.replaceAll("(?m)^", "    "), "is PEM text whose lines are indented", ""),
        Arguments.of(PEM.replaceAll("(?m)^", "\t"), "is PEM text whose lines are indented", ""),
        Arguments.of("LS0tLS1CRUdJTiBQUklWQVRF\n", "is PEM text that is encoded in base64", ""),
        Arguments.of("sk-ssh-ed25519@openssh.com AAAA me", "", "OpenSSH"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void read_fileOfAnotherProgram_namesItWhateverItIsGivenAs(
      String content, String problem, String more) {
    byte[] bytes = content.getBytes(ISO_8859_1);

    assertThatThrownBy(() -> PrivateKeyFile.read(bytes, "F", Optional.empty()))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageStartingWith("Cannot use F as a private key: it ")
        .hasMessageContainingAll(problem, more);
    assertThatThrownBy(() -> PublicKeyFile.read(bytes, "F"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageStartingWith("Cannot use F as a public key: it ")
        .hasMessageContainingAll(problem, more);
    assertThatThrownBy(
            () -> CertificateFile.read(bytes, "F", CertificateFile.Use.CERTIFICATE_CHAIN))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageStartingWith("Cannot use F as a certificate chain: it ")
        .hasMessageContainingAll(problem, more);
  }

  static Stream<Arguments> der() {
    return Stream.of(
        Arguments.of("test-only-p256.der", "is a private key in DER, and PEM is needed"),
        Arguments.of("p256-public.der", "is a public key in DER, and PEM is needed"),
        Arguments.of("chain-root.der", "is a certificate in DER, and PEM is needed"));
  }

  @ParameterizedTest
  @MethodSource("der")
  void read_der_namesItWhateverItIsGivenAs(String file, String problem) {
    byte[] bytes = KeyFixtures.bytes(file);

    assertThatThrownBy(() -> PrivateKeyFile.read(bytes, "F", Optional.empty()))
        .hasMessageStartingWith("Cannot use F as a private key: it " + problem);
    assertThatThrownBy(() -> PublicKeyFile.read(bytes, "F"))
        .hasMessageStartingWith("Cannot use F as a public key: it " + problem);
    assertThatThrownBy(
            () -> CertificateFile.read(bytes, "F", CertificateFile.Use.CERTIFICATE_CHAIN))
        .hasMessageStartingWith("Cannot use F as a certificate chain: it " + problem);
  }

  private static String block(String label) {
    return "-----BEGIN " + label + "-----\n\ne30=\n=abcd\n-----END " + label + "-----\n";
  }
}
