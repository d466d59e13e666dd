package dev.countersign.trust;

import static dev.countersign.trust.CertificateForge.NOW;
import static dev.countersign.trust.ChainAssertions.assertChain;
import static dev.countersign.trust.ChainAssertions.assertRefused;
import static dev.countersign.trust.ChainAssertions.assertRefusedAt;
import static dev.countersign.trust.ChainAssertions.trusting;
import static dev.countersign.trust.ChainAssertions.validate;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.ChainException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RevocationListsTest {

  private static final Instant REVOKED = Instant.parse("2026-02-20T08:00:00Z");

  private final Issued root = CertificateForge.ca("CN=Root").issue();
  private final Issued intermediate = CertificateForge.ca("CN=CA").signedBy(root).issue();
  private final Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(intermediate).issue();

  @Test
  void leaf_onItsIssuersList_isRevoked() throws Exception {
    RevocationLists lists = lists(CrlForge.by(intermediate).revoke(certificate(), REVOKED, 1));

    assertRefused(
        Kind.REVOKED,
        message("CN=Leaf", "key compromise"),
        trusting(lists, root),
        leaf,
        intermediate);
  }

  @Test
  void leaf_thatTheCallerTrustsItself_isRevokedByItsIssuersList() throws Exception {
    RevocationLists lists = lists(CrlForge.by(intermediate).revoke(certificate(), REVOKED, 1));

    assertRefused(
        Kind.REVOKED,
        message("CN=Leaf", "key compromise"),
        trusting(lists, leaf, intermediate),
        leaf);
  }

  @Test
  void leaf_directlyUnderAListedAnchor_isRevoked() throws Exception {
    RevocationLists lists =
        lists(CrlForge.by(intermediate).revoke(certificate(), REVOKED, CRLReason.unspecified));

    assertRefused(
        Kind.REVOKED, message("CN=Leaf", "no reason given"), trusting(lists, intermediate), leaf);
  }

  @Test
  void intermediate_onTheRootsList_isRevoked() throws Exception {
    RevocationLists lists =
        lists(
            CrlForge.by(root)
                .revoke(intermediate.certificate(), REVOKED, CRLReason.cessationOfOperation));

    assertRefused(
        Kind.REVOKED,
        message("CN=CA", "cessation of operation"),
        trusting(lists, root),
        leaf,
        intermediate);
  }

  @Test
  void revokedIntermediate_withATwinThatIsNot_passes() throws Exception {
    KeyPair shared = CertificateForge.ec("secp256r1");
    Issued revoked = CertificateForge.ca("CN=Twin").keys(shared).signedBy(root).issue();
    Issued good = CertificateForge.ca("CN=Twin").keys(shared).signedBy(root).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(good).issue();
    RevocationLists lists =
        lists(CrlForge.by(root).revoke(revoked.certificate(), REVOKED, CRLReason.superseded));

    assertChain(validate(trusting(lists, root), signer, revoked, good), root, signer, good);
  }

  @Test
  void signatureFromBeforeTheRevocation_passes() throws Exception {
    RevocationLists lists = lists(CrlForge.by(intermediate).revoke(certificate(), REVOKED, 1));
    ChainValidator validator = trusting(lists, root);

    ValidatedChain chain =
        validator.validate(
            certificate(), List.of(intermediate.certificate()), NOW, REVOKED.minusSeconds(1));

    assertChain(chain, root, leaf, intermediate);
    assertRefusedAt(
        REVOKED, Kind.REVOKED, message("CN=Leaf", "key compromise"), validator, leaf, intermediate);
  }

  @Test
  void listOfSomebodyElse_isIgnored() throws Exception {
    Issued other = CertificateForge.ca("CN=Other").issue();
    RevocationLists lists =
        lists(
            CrlForge.by(other).revoke(certificate(), REVOKED, 1),
            CrlForge.by(root).revoke(certificate(), REVOKED, 1));

    assertChain(validate(trusting(lists, root), leaf, intermediate), root, leaf, intermediate);
  }

  @Test
  void listInTheIssuersNameByAnotherKey_isIgnored() throws Exception {
    Issued attacker = CertificateForge.ca("CN=CA").issue();
    RevocationLists lists =
        lists(CrlForge.inTheNameOf(intermediate, attacker).revoke(certificate(), REVOKED, 1));

    assertChain(validate(trusting(lists, root), leaf, intermediate), root, leaf, intermediate);
  }

  @Test
  void listOfAnIssuerWithoutCrlSign_isIgnored() throws Exception {
    Issued silent =
        CertificateForge.ca("CN=Silent").keyUsage(KeyUsage.keyCertSign).signedBy(root).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(silent).issue();
    RevocationLists lists = lists(CrlForge.by(silent).revoke(signer.certificate(), REVOKED, 1));

    assertChain(validate(trusting(lists, root), signer, silent), root, signer, silent);
  }

  @Test
  void lists_inOnePemFile_allCount() throws Exception {
    byte[] pem =
        CrlForge.pem(
            CrlForge.by(root).der(),
            CrlForge.by(intermediate).revoke(certificate(), REVOKED, 1).der());
    RevocationLists lists = RevocationLists.of(List.of(pem), List.of("crl.pem"), NOW);

    assertRefused(
        Kind.REVOKED,
        message("CN=Leaf", "key compromise"),
        trusting(lists, root),
        leaf,
        intermediate);
  }

  @Test
  void staleList_isRefusedWhenItIsLoaded() {
    byte[] stale = CrlForge.issuedAt(root, NOW.minus(Duration.ofDays(40))).der();

    assertThatThrownBy(() -> RevocationLists.of(List.of(stale), List.of("old.crl"), NOW))
        .isInstanceOf(TrustException.class)
        .hasMessage(
            "Cannot use old.crl as a revocation list: it is out of date: there was to be a newer"
                + " one by 2026-02-19T12:00:00Z. Fetch a fresh one from its issuer.");
  }

  @Test
  void staleList_byTheClock_isRefused() {
    byte[] stale = CrlForge.issuedAt(root, Instant.parse("2020-01-01T00:00:00Z")).der();

    assertThatThrownBy(() -> RevocationLists.of(List.of(stale), List.of("old.crl")))
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
    byte[] der = CrlForge.by(root).revokeWith(certificate(), REVOKED, extensions.generate()).der();

    assertIncomplete(der, "2.5.29.29");
  }

  @Test
  void otherFiles_areRefused() {
    assertUnusable(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".getBytes(US_ASCII),
        "has PEM blocks, and none is an X509 CRL. Give the list that the certificate's issuer"
            + " publishes to --crl.");
    assertUnusable(
        new byte[0],
        "is neither PEM with a block X509 CRL nor DER. Give the list that the certificate's issuer"
            + " publishes to --crl.");
    assertUnusable(
        "-----BEGIN X509 CRL-----\nAAAA\n".getBytes(US_ASCII),
        "ends within a block X509 CRL, there is no END line. The file is cut off; fetch a fresh"
            + " copy of it.");
    assertUnusable(
        new byte[] {0x30, 0},
        "is no certificate revocation list. The file is damaged; fetch a fresh copy.");
  }

  @Test
  void listWithBytesBehindIt_isRefused() {
    byte[] der = CrlForge.by(root).der();

    assertUnusable(
        Arrays.copyOf(der, der.length + 1),
        "is no certificate revocation list. The file is damaged; fetch a fresh copy.");
  }

  @Test
  void listNestedWithoutAnEnd_isRefused() {
    byte[] nested = new byte[1 << 16];
    for (int i = 0; i < nested.length; i += 2) {
      nested[i] = 0x30;
      nested[i + 1] = (byte) 0x80;
    }

    assertUnusable(
        nested, "is no certificate revocation list. The file is damaged; fetch a fresh copy.");
  }

  @Test
  void damagedLists_areRefusedOrRevokeNothing() throws Exception {
    byte[] der = CrlForge.by(intermediate).revoke(certificate(), REVOKED, 1).der();
    // What is signed; a change of what stands around it may be none in meaning.
    int signed =
        ((X509CRL)
                CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der)))
            .getTBSCertList()
            .length;
    int header = der[1] < 0 ? 2 + (der[1] & 0x7f) : 2;
    SplittableRandom random = new SplittableRandom(11);

    for (int i = 0; i < 300; i++) {
      byte[] damaged = der.clone();
      damaged[header + random.nextInt(signed)] ^= (byte) (1 << random.nextInt(8));
      try {
        RevocationLists lists = RevocationLists.of(List.of(damaged), List.of("crl"), NOW);
        assertThat(lists.find(certificate(), intermediate.certificate(), NOW))
            .as("change %d", i)
            .isEmpty();
      } catch (TrustException e) {
        assertThat(e).hasMessageStartingWith("Cannot use crl as a revocation list: it ");
      }
    }
  }

  @Test
  void load_ofFile_returnsItsBytes(@TempDir Path folder) throws Exception {
    byte[] der = CrlForge.by(root).der();
    Path file = Files.write(folder.resolve("root.crl"), der);

    assertThat(CrlFile.load(file.toString())).isEqualTo(der);
  }

  @Test
  void load_withoutAFile_saysSo(@TempDir Path folder) {
    String missing = folder.resolve("missing.crl").toString();

    assertThatThrownBy(() -> CrlFile.load(missing))
        .isInstanceOf(TrustException.class)
        .hasMessage(
            "Cannot use %s as a revocation list: it does not exist on this machine. Check --crl.",
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

  private X509Certificate certificate() {
    return leaf.certificate();
  }

  private static RevocationLists lists(CrlForge... lists) throws TrustException {
    return RevocationLists.of(
        Arrays.stream(lists).map(CrlForge::der).toList(),
        Arrays.stream(lists).map(list -> "crl").toList(),
        NOW);
  }

  private static String message(String subject, String reason) {
    return "The certificate "
        + subject
        + " was revoked on 2026-02-20T08:00:00Z ("
        + reason
        + "). Do not use what it signed; have the model signed with another certificate.";
  }

  private static void assertIncomplete(byte[] der, String extension) {
    assertUnusable(
        der,
        "has the critical extension "
            + extension
            + ", as lists have that are of part of the certificates only, or of several issuers'."
            + " Give a complete list of one issuer to --crl.");
  }

  private static void assertUnusable(byte[] file, String problem) {
    assertThatThrownBy(() -> RevocationLists.of(List.of(file), List.of("a.crl"), NOW))
        .isInstanceOf(TrustException.class)
        .hasMessage("Cannot use a.crl as a revocation list: it " + problem);
  }
}
