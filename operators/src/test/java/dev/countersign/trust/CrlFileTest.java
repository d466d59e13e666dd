package dev.countersign.trust;

import static dev.countersign.trust.CertificateForge.NOW;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.trust.CertificateForge.Issued;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file may hold, and which lists are refused before anything is verified. */
final class CrlFileTest {

  private static final Instant REVOKED = Instant.parse("2026-02-20T08:00:00Z");

  private final Issued root = CertificateForge.ca("CN=Root").issue();
  private final Issued intermediate = CertificateForge.ca("CN=CA").signedBy(root).issue();
  private final Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(intermediate).issue();

  @Test
  void staleList_isRefusedWhenItIsLoaded() {
    byte[] stale = CrlForge.issuedAt(root, NOW.minus(Duration.ofDays(40))).der();

    assertThatThrownBy(() -> load(List.of(new CrlFile("old.crl", stale))))
        .isInstanceOf(TrustException.class)
        .hasMessage(
            "Cannot use old.crl as a revocation list: it is out of date: a newer one was due by"
                + " 2026-02-19T12:00:00Z. Fetch a fresh one from its issuer.");
  }

  @Test
  void staleList_byTheClock_isRefused() {
    byte[] stale = CrlForge.issuedAt(root, Instant.parse("2020-01-01T00:00:00Z")).der();

    assertThatThrownBy(() -> RevocationLists.of(List.of(new CrlFile("old.crl", stale)), List.of()))
        .isInstanceOf(TrustException.class)
        .hasMessageContaining("it is out of date");
  }

  @Test
  void partitionedList_isRefused() {
    IssuingDistributionPoint part =
        new IssuingDistributionPoint(
            new DistributionPointName(
                new GeneralNames(
                    new GeneralName(
                        GeneralName.uniformResourceIdentifier, "http://ca.example/1.crl"))),
            false,
            false);
    byte[] der = CrlForge.by(root).with(Extension.issuingDistributionPoint, part).der();

    assertIncomplete(der, "2.5.29.28");
  }

  @Test
  void deltaList_isRefused() {
    byte[] der = CrlForge.by(root).with(Extension.deltaCRLIndicator, new ASN1Integer(1)).der();

    assertIncomplete(der, "2.5.29.27");
  }

  @Test
  void listWithEntriesOfAnotherIssuer_isRefused() throws Exception {
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(
        Extension.certificateIssuer,
        true,
        new GeneralNames(new GeneralName(GeneralName.directoryName, "CN=Other")));
    byte[] der =
        CrlForge.by(root).revokeWith(leaf.certificate(), REVOKED, extensions.generate()).der();

    assertIncomplete(der, "2.5.29.29");
  }

  @Test
  void limitedLists_whoseExtensionsAreNotCritical_areRefused() throws Exception {
    IssuingDistributionPoint authorities =
        new IssuingDistributionPoint(null, false, true, null, false, false);
    ExtensionsGenerator ofOther = new ExtensionsGenerator();
    ofOther.addExtension(
        Extension.certificateIssuer,
        false,
        new GeneralNames(new GeneralName(GeneralName.directoryName, "CN=Other")));

    assertLimited(
        CrlForge.by(root).with(Extension.issuingDistributionPoint, false, authorities).der(),
        "extension 2.5.29.28");
    assertLimited(
        CrlForge.by(root).with(Extension.deltaCRLIndicator, false, new ASN1Integer(1)).der(),
        "extension 2.5.29.27");
    assertLimited(
        CrlForge.by(root).revokeWith(leaf.certificate(), REVOKED, ofOther.generate()).der(),
        "extension 2.5.29.29");
  }

  @Test
  void otherFiles_areRefused() {
    assertUnusable(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".getBytes(US_ASCII),
        "has PEM blocks, and none is an X509 CRL. Give the list that the certificate's issuer"
            + " publishes to 'crl'.");
    assertUnusable(
        new byte[0], "is empty. Give the list that the certificate's issuer publishes to 'crl'.");
    assertUnusable(
        "a list".getBytes(US_ASCII),
        "has no PEM block, a part between lines BEGIN and END. Give the list that the certificate's"
            + " issuer publishes to 'crl'.");
    assertUnusable(
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n".getBytes(US_ASCII),
        "holds an OpenPGP key, with which models cannot be signed. Give the list that the"
            + " certificate's issuer publishes to 'crl'.");
    assertUnusable(
        "-----BEGIN X509 CRL-----\nAAAA\n".getBytes(US_ASCII),
        "ends within its block X509 CRL, there is no END line. The file is cut off; fetch a fresh"
            + " copy of it.");
    assertUnusable(
        new byte[] {0x30, 0},
        "is not a certificate revocation list. The file is damaged; fetch a fresh copy.");
  }

  @Test
  void pemThatIsDamaged_isRefused() {
    String pem =
        "-----BEGIN X509 CRL-----\n"
            + Base64.getMimeEncoder().encodeToString(CrlForge.by(root).der())
            + "\n-----END X509 CRL-----\n";
    String damaged = "The file is damaged; fetch a fresh copy of it.";

    assertUnusable(
        pem.replaceFirst("\nMI", "\n#MI").getBytes(US_ASCII),
        "has a block X509 CRL that is not base64. " + damaged);
    assertUnusable(
        pem.replace("END X509 CRL", "END CERTIFICATE").getBytes(US_ASCII),
        "has a block BEGIN X509 CRL that is closed by the END of another. " + damaged);
  }

  @Test
  void listBehindAnother_thatWouldBePassedOver_isRefused() {
    String pem =
        "-----BEGIN X509 CRL-----\n"
            + Base64.getMimeEncoder().encodeToString(CrlForge.by(root).der())
            + "\n-----END X509 CRL-----\n";
    String remedy =
        "Put each BEGIN X509 CRL and END X509 CRL on a line of its own, with nothing before it.";

    for (String second :
        List.of(
            pem.indent(2),
            "list: " + pem,
            pem.replace("X509 CRL", "x509 crl"),
            pem.replace("CRL-----", "CRL -- --"))) {
      assertUnusable(
          (pem + second).getBytes(US_ASCII),
          "has -----BEGIN 2 times and 1 whole PEM blocks, so that a list may be passed over. "
              + remedy);
    }
    assertUnusable(
        (pem + pem.substring(pem.indexOf('\n'))).getBytes(US_ASCII),
        "has -----END 2 times and 1 whole PEM blocks, so that a list may be passed over. "
            + remedy);
    assertUnusable(
        (pem + pem.replace("X509 ", "")).getBytes(US_ASCII),
        "has a block CRL, which may be a list that is passed over. Revocation lists are blocks X509"
            + " CRL; fetch a fresh copy of it.");
  }

  @Test
  void listWithBytesBehindIt_isRefused() {
    byte[] der = CrlForge.by(root).der();

    assertUnusable(
        Arrays.copyOf(der, der.length + 1),
        "is not a certificate revocation list. The file is damaged; fetch a fresh copy.");
  }

  @Test
  void listNestedWithoutAnEnd_isRefused() {
    byte[] nested = new byte[1 << 16];
    for (int i = 0; i < nested.length; i += 2) {
      nested[i] = 0x30;
      nested[i + 1] = (byte) 0x80;
    }

    assertUnusable(
        nested, "is not a certificate revocation list. The file is damaged; fetch a fresh copy.");
  }

  @Test
  void load_ofFile_returnsItsBytes(@TempDir Path folder) throws Exception {
    byte[] der = CrlForge.by(root).der();
    Path file = Files.write(folder.resolve("root.crl"), der);

    assertThat(CrlFile.load(file.toString())).isEqualTo(new CrlFile(file.toString(), der));
  }

  @Test
  void load_withoutAFile_saysSo(@TempDir Path folder) {
    String missing = folder.resolve("missing.crl").toString();

    assertThatThrownBy(() -> CrlFile.load(missing))
        .isInstanceOf(TrustException.class)
        .hasMessage(
            "Cannot use %s as a revocation list: it does not exist on this machine. Check 'crl'.",
            missing);
  }

  @Test
  void load_ofAGiant_isRefused(@TempDir Path folder) throws IOException {
    Path giant = folder.resolve("giant.crl");
    try (RandomAccessFile sparse = new RandomAccessFile(giant.toFile(), "rw")) {
      sparse.setLength((64L << 20) + 1);
    }

    assertThatThrownBy(() -> CrlFile.load(giant.toString()))
        .isInstanceOf(TrustException.class)
        .hasMessageContaining("it is larger than 64 MiB, the limit");
  }

  @Test
  void listInTheNameOfAKnownAnchorByAnotherKey_isRefusedWhenItIsLoaded() {
    Issued attacker = CertificateForge.ca("CN=Root").issue();
    CrlFile forged = new CrlFile("root.crl", CrlForge.inTheNameOf(root, attacker).der());

    assertThatThrownBy(() -> load(List.of(forged), root, intermediate))
        .isInstanceOf(TrustException.class)
        .hasMessage(
            "Cannot use root.crl as a revocation list: it is not signed with the key of CN=Root,"
                + " which it names as its issuer. Fetch a fresh one from its issuer.");
  }

  @Test
  void listOfAKnownAnchorWithoutCrlSign_isRefusedWhenItIsLoaded() {
    Issued silent = CertificateForge.ca("CN=Silent").keyUsage(KeyUsage.keyCertSign).issue();
    CrlFile list = new CrlFile("silent.crl", CrlForge.by(silent).der());

    assertThatThrownBy(() -> load(List.of(list), silent))
        .isInstanceOf(TrustException.class)
        .hasMessageContaining("whose key usage lacks cRLSign");
  }

  @Test
  void listOfAnIntermediate_orOfOneOfTwoAnchorsOfOneName_isLoaded() throws Exception {
    Issued twin = CertificateForge.ca("CN=Root").issue();
    CrlFile ofRoot = new CrlFile("root.crl", CrlForge.by(root).der());
    CrlFile ofIntermediate = new CrlFile("ca.crl", CrlForge.by(intermediate).der());

    assertThat(load(List.of(ofRoot, ofIntermediate), twin, root)).isNotNull();
  }

  private static void assertIncomplete(byte[] der, String extension) {
    assertLimited(der, "critical extension " + extension);
  }

  private static void assertLimited(byte[] der, String extension) {
    assertUnusable(
        der,
        "has the "
            + extension
            + ", as lists have that are of part of the certificates only, or of several issuers'."
            + " Give a complete list of one issuer to 'crl'.");
  }

  private static void assertUnusable(byte[] file, String problem) {
    assertThatThrownBy(() -> load(List.of(new CrlFile("a.crl", file))))
        .isInstanceOf(TrustException.class)
        .hasMessage("Cannot use a.crl as a revocation list: it " + problem);
  }

  private static RevocationLists load(List<CrlFile> files, Issued... known) throws TrustException {
    return RevocationLists.of(
        files, ChainAssertions.certificates(known), Clock.fixed(NOW, ZoneOffset.UTC));
  }
}
