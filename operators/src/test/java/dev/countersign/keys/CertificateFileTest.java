package dev.countersign.keys;

import static dev.countersign.keys.CertificateFile.Use.CERTIFICATE_CHAIN;
import static dev.countersign.keys.CertificateFile.Use.SIGNING_CERTIFICATE;
import static dev.countersign.keys.CertificateFile.Use.TSA_CERTIFICATE_CHAIN;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.keys.CertificateFile.Use;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CertificateFileTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chain.pem",
        "chain-crlf.pem",
        "chain-byte-order-mark.pem",
        "chain-x509-label.pem",
      })
  void read_severalCertificates_givesThemInOrder(String name) throws Exception {
    List<X509Certificate> chain = read(name, CERTIFICATE_CHAIN);

    assertThat(chain)
        .extracting(certificate -> certificate.getSubjectX500Principal().getName())
        .containsExactly("CN=Countersign test signing", "CN=Countersign test root");
    assertThat(chain.get(1).getEncoded()).isEqualTo(KeyFixtures.bytes("chain-root.der"));
  }

  @ParameterizedTest
  @EnumSource(Use.class)
  void read_textAroundCertificates_isPassedOver(Use use) throws Exception {
    List<X509Certificate> chain = read("chain-with-text.pem", use);

    assertThat(chain).hasSize(3).startsWith(read("chain-leaf.pem", SIGNING_CERTIFICATE).get(0));
    assertThat(chain.subList(1, 3)).isEqualTo(read("chain.pem", use));
  }

  @Test
  void pem_ofCertificates_isWhatOpensslWrote() throws Exception {
    List<X509Certificate> chain = read("chain.pem", CERTIFICATE_CHAIN);

    assertThat(CertificateFile.pem(chain))
        .isEqualTo(new String(KeyFixtures.bytes("chain.pem"), US_ASCII));
    assertThat(CertificateFile.pem(List.of())).isEmpty();
  }

  @Test
  void read_privateKeyBesideASigningCertificate_isPassedOver() throws Exception {
    List<X509Certificate> found = read("test-only-p256-with-chain-leaf.pem", SIGNING_CERTIFICATE);

    assertThat(found).isEqualTo(read("chain-leaf.pem", SIGNING_CERTIFICATE));
  }

  @ParameterizedTest
  @CsvSource({
    "CERTIFICATE_CHAIN, certificate chain, 'certificate-chain'",
    "TSA_CERTIFICATE_CHAIN, TSA certificate chain, 'tsa-certificate-chain'",
  })
  void read_privateKeyBesideAChain_isRefused(Use use, String noun, String setting) {
    assertThatThrownBy(() -> read("test-only-p256-with-chain-leaf.pem", use))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use test-only-p256-with-chain-leaf.pem as a %s: it holds a private key. Give"
                + " certificates to '%s'; a private key is for 'private-key', and not for files"
                + " that are handed about.",
            noun, setting);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          chain-trusted.pem | 'holds a TRUSTED CERTIFICATE, which is OpenSSL''s own form. Convert it with: openssl crl2pkcs7 -nocrl -certfile FILE | openssl pkcs7 -print_certs -out CERT.pem'
          chain-pkcs7.pem | holds certificates in the form of PKCS#7. Convert it with: openssl pkcs7 -in FILE -print_certs -out CERT.pem
          certificate-request.pem | holds a certificate request, not a certificate. Give 'signing-certificate' the certificate that the authority issued for it.
          p256-public.pem | holds a bare public key. Give certificates to 'signing-certificate'; a public key is for 'public-key'.
          test-only-p256-pkcs8.pem | holds a private key. Give certificates to 'signing-certificate'; a private key is for 'private-key', and not for files that are handed about.
          parameters-only.pem | holds no certificate, but EC PARAMETERS. Give certificates to 'signing-certificate'.
          chain-root.der | is a certificate in DER, and PEM is needed. Convert it with: openssl x509 -inform DER -in FILE -out CERT.pem
          test-only-p256-chain.p12 | is not PEM text, but a PKCS#12 key store. Take the certificates out with: openssl pkcs12 -in FILE -nokeys -out CERT.pem
          empty.pem | is empty. Name a PEM file that holds a certificate.
          garbage.bin | has no PEM block, a part between lines BEGIN and END. Name a PEM file that holds a certificate.
          """)
  void read_unusableFile_saysWhatItIsAndWhatToDo(String name, String message) {
    assertThatThrownBy(() -> read(name, SIGNING_CERTIFICATE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage("Cannot use %s as a signing certificate: it %s", name, message);
  }

  @Test
  void read_certificateThatIsNone_saysWhichOne() throws Exception {
    byte[] der = KeyFixtures.bytes("chain-root.der");
    String broken =
        new String(KeyFixtures.bytes("chain.pem"), US_ASCII)
            + new String(PemBlock.write(PemBlock.CERTIFICATE, new byte[] {0x30, 0}), US_ASCII)
            + new String(PemBlock.write(PemBlock.CERTIFICATE, der), US_ASCII);

    assertThatThrownBy(
            () -> CertificateFile.read(broken.getBytes(US_ASCII), "ca.pem", CERTIFICATE_CHAIN))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use ca.pem as a certificate chain: it holds a certificate, number 3, that"
                + " cannot be used: it is not an X.509 certificate that can be read here. The file"
                + " is damaged; fetch a fresh copy of it.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ca-brainpool-twisted.pem | brainpoolP256t1
          ca-explicit-curve.pem | a curve that its own parameters describe
          """)
  void read_certificateOnACurveThatTheJdkCannotRead_namesTheCurve(String name, String curve) {
    assertThatThrownBy(() -> read(name, CERTIFICATE_CHAIN))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a certificate chain: it holds a certificate, number 1, that cannot be"
                + " used: its key is on %s, and such keys cannot be read here. Have it issued with"
                + " a key of RSA or on a named curve such as P-256.",
            name, curve);
  }

  @Test
  void read_certificatesOfAWholeSystem_areTaken() throws Exception {
    byte[] pem = repeated(400);

    assertThat(CertificateFile.read(pem, "ca-certificates.crt", CERTIFICATE_CHAIN)).hasSize(400);
  }

  @Test
  void read_tooManyCertificates_areRefused() {
    byte[] pem = repeated(10_001);

    assertThatThrownBy(() -> CertificateFile.read(pem, "ca.pem", TSA_CERTIFICATE_CHAIN))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use ca.pem as a TSA certificate chain: it holds 10001 certificates, and the"
                + " limit is 10000. Keep those that are needed.");
  }

  @Test
  void read_largerThanTheLimit_isRefused() {
    byte[] pem = repeated(1_000);

    assertThatThrownBy(() -> CertificateFile.read(pem, "leaf.pem", SIGNING_CERTIFICATE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use leaf.pem as a signing certificate: it is larger than 1 MiB, the limit."
                + " Check 'signing-certificate'.");
    assertThatThrownBy(
            () -> CertificateFile.read(new byte[(32 << 20) + 1], "ca.pem", CERTIFICATE_CHAIN))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("it is larger than 32 MiB, the limit.");
  }

  @Test
  void load_file_readsIt() throws Exception {
    List<X509Certificate> loaded =
        CertificateFile.load(KeyFixtures.path("chain.pem").toString(), CERTIFICATE_CHAIN);

    assertThat(loaded).isEqualTo(read("chain.pem", CERTIFICATE_CHAIN));
  }

  @Test
  void load_missingFile_saysSo(@TempDir Path folder) {
    String path = folder.resolve("none.pem").toString();

    assertThatThrownBy(() -> CertificateFile.load(path, TSA_CERTIFICATE_CHAIN))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a TSA certificate chain: it does not exist on this machine. Check"
                + " 'tsa-certificate-chain'.",
            path);
  }

  private static byte[] repeated(int times) {
    return new String(KeyFixtures.bytes("chain-root.pem"), US_ASCII)
        .repeat(times)
        .getBytes(US_ASCII);
  }

  private static List<X509Certificate> read(String name, Use use) throws KeyFormatException {
    return CertificateFile.read(KeyFixtures.bytes(name), name, use);
  }
}
