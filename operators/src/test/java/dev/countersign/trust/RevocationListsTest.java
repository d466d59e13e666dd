package dev.countersign.trust;

import static dev.countersign.trust.CertificateForge.NOW;
import static dev.countersign.trust.ChainAssertions.assertChain;
import static dev.countersign.trust.ChainAssertions.assertRefused;
import static dev.countersign.trust.ChainAssertions.assertRefusedAt;
import static dev.countersign.trust.ChainAssertions.trusting;
import static dev.countersign.trust.ChainAssertions.validate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.ChainException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.SplittableRandom;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERT61String;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;

final class RevocationListsTest {

  private static final String FETCH_FRESH = " Fetch a fresh one from its issuer.";
  private static final ChainFaults FAULTS = new ChainFaults(CertificatePurpose.MODEL_SIGNING);
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
  void leaf_onAListWithItsIssuersNameInAnotherEncoding_isRevoked() throws Exception {
    for (ASN1Encodable text :
        List.of(new DERBMPString("CA"), new DERT61String("CA"), new DERUTF8String("ca"))) {
      X500Name name = new X500Name(new RDN[] {new RDN(BCStyle.CN, text)});
      RevocationLists lists =
          lists(
              CrlForge.by(intermediate, new X500Principal(name.getEncoded()))
                  .revoke(certificate(), REVOKED, 1));

      assertRefused(
          Kind.REVOKED,
          message("CN=Leaf", "key compromise"),
          trusting(lists, root),
          leaf,
          intermediate);
    }
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
  void listInTheIssuersNameByAnotherKey_fails() throws Exception {
    Issued attacker = CertificateForge.ca("CN=CA").issue();
    RevocationLists lists =
        lists(CrlForge.inTheNameOf(intermediate, attacker).revoke(certificate(), REVOKED, 1));

    assertRefused(
        Kind.REVOCATION_UNKNOWN,
        unknown(
            "CN=Leaf",
            "cannot be used: it is not signed with the key of CN=CA, which it names as its issuer."
                + FETCH_FRESH),
        trusting(lists, root),
        leaf,
        intermediate);
  }

  @Test
  void listInTheIssuersNameByAnotherKey_besideTheIssuersOwn_fails() throws Exception {
    Issued attacker = CertificateForge.ca("CN=CA").issue();
    RevocationLists lists =
        lists(CrlForge.by(intermediate), CrlForge.inTheNameOf(intermediate, attacker));

    assertRefused(
        Kind.REVOCATION_UNKNOWN,
        unknown(
            "CN=Leaf",
            "cannot be used: it is not signed with the key of CN=CA, which it names as its issuer."
                + FETCH_FRESH),
        trusting(lists, root),
        leaf,
        intermediate);
  }

  @Test
  void listOfAnIssuerWithoutCrlSign_fails() throws Exception {
    Issued silent =
        CertificateForge.ca("CN=Silent").keyUsage(KeyUsage.keyCertSign).signedBy(root).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(silent).issue();
    RevocationLists lists = lists(CrlForge.by(silent).revoke(signer.certificate(), REVOKED, 1));

    assertRefused(
        Kind.REVOCATION_UNKNOWN,
        unknown(
            "CN=Signer",
            "cannot be used: it names CN=Silent as its issuer, whose key usage lacks cRLSign, so"
                + " that it must not sign lists."
                + FETCH_FRESH),
        trusting(lists, root),
        signer,
        silent);
  }

  @Test
  void listsOfOneNameWithTwoKeys_countEachForItsOwn() throws Exception {
    Issued renewed = CertificateForge.ca("CN=CA").signedBy(root).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(renewed).issue();
    ChainValidator validator =
        trusting(
            lists(
                CrlForge.by(intermediate).revoke(certificate(), REVOKED, 1).withKeyIdentifier(),
                CrlForge.by(renewed).withKeyIdentifier()),
            root);

    assertChain(validate(validator, signer, renewed), root, signer, renewed);
    assertRefused(
        Kind.REVOKED, message("CN=Leaf", "key compromise"), validator, leaf, intermediate);
  }

  @Test
  void leaf_onTheListOfItsIssuersNewerKey_fails() throws Exception {
    Issued renewed = CertificateForge.ca("CN=CA").signedBy(root).issue();
    CrlForge newer =
        CrlForge.by(renewed)
            .revoke(certificate(), REVOKED, CRLReason.keyCompromise)
            .withKeyIdentifier();
    String fault =
        unknown(
            "CN=Leaf",
            "cannot be used: it is not signed with the key of CN=CA, which it names as its issuer,"
                + " and has an entry of this serial number. Have the model signed with another"
                + " certificate, or leave the list out if it is of another issuer.");

    assertRefused(
        Kind.REVOCATION_UNKNOWN,
        fault,
        trusting(lists(CrlForge.by(intermediate).withKeyIdentifier(), newer), root),
        leaf,
        intermediate);
    assertRefused(
        Kind.REVOCATION_UNKNOWN, fault, trusting(lists(newer), root, renewed), leaf, intermediate);
  }

  @Test
  void listOfAnotherKeyAlone_failsItsModelsAndTheStartUnlessItNamesThatKey() throws Exception {
    Issued renewed = CertificateForge.ca("CN=CA").signedBy(root).issue();
    CrlFile named = new CrlFile("crl", CrlForge.by(renewed).withKeyIdentifier().der());
    CrlFile unnamed = new CrlFile("crl", CrlForge.by(renewed).der());

    assertThatThrownBy(() -> load(List.of(unnamed), intermediate))
        .hasMessageContaining("it is not signed with the key of CN=CA");
    assertRefused(
        Kind.REVOCATION_UNKNOWN,
        unknown(
            "CN=Leaf",
            "cannot be used: it is not signed with the key of CN=CA, which it names as its issuer."
                + FETCH_FRESH),
        trusting(load(List.of(named), intermediate), root),
        leaf,
        intermediate);
  }

  @Test
  void listOfAnAnchorWithTheNameOfAnother_isNoMatterForTheOther() throws Exception {
    Issued twin = CertificateForge.ca("CN=Root").issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(twin).issue();
    ChainValidator validator =
        trusting(lists(CrlForge.by(root).revoke(certificate(), REVOKED, 1)), root, twin);

    assertChain(validate(validator, signer), twin, signer);
  }

  @Test
  void anchor_onTheListOfAnotherAnchor_isRevoked() throws Exception {
    RevocationLists lists =
        lists(CrlForge.by(root).revoke(intermediate.certificate(), REVOKED, CRLReason.superseded));
    ChainValidator validator = trusting(lists, intermediate, root);

    assertRefused(Kind.REVOKED, message("CN=CA", "superseded"), validator, leaf);
    assertRefused(Kind.REVOKED, message("CN=CA", "superseded"), validator, leaf, intermediate);
  }

  @Test
  void anchor_whoseIssuerIsNotKnown_failsUnderItsList() throws Exception {
    RevocationLists lists = lists(CrlForge.by(root));

    assertRefused(
        Kind.REVOCATION_UNKNOWN,
        unknown(
            "CN=CA",
            "cannot be checked: the certificate of its issuer CN=Root is not known. Leave this"
                + " list out, or name that certificate as a trusted one as well."),
        trusting(lists, intermediate),
        leaf);
    assertChain(
        validate(trusting(lists.knowing(List.of(root.certificate())), intermediate), leaf),
        intermediate,
        leaf);
  }

  @Test
  void listThatGoesOutOfDate_failsItsModelsAndNoOthers() throws Exception {
    Instant due = NOW.plus(Duration.ofDays(29));
    Clock later = Clock.fixed(due.plusSeconds(1), ZoneOffset.UTC);
    CrlFile file = new CrlFile("crl", CrlForge.by(intermediate).der());
    Issued direct = CertificateForge.leaf("CN=Direct").signedBy(root).issue();
    ChainValidator validator = trusting(RevocationLists.ofTaken(List.of(file), later), root);

    assertRefused(
        Kind.REVOCATION_UNKNOWN,
        unknown(
            "CN=Leaf",
            "cannot be used: it is out of date: a newer one was due by " + due + "." + FETCH_FRESH),
        validator,
        leaf,
        intermediate);
    assertChain(validate(validator, direct), root, direct);
  }

  @Test
  void listThatIsReadAgain_mayBeOutOfDateButNotForged() throws Exception {
    List<X509Certificate> known = List.of(intermediate.certificate());
    CrlFile old =
        new CrlFile("old", CrlForge.issuedAt(intermediate, NOW.minus(Duration.ofDays(60))).der());
    byte[] forged = CrlForge.by(intermediate).der();
    forged[forged.length - 1] ^= 1;

    RevocationLists.requireUsableAgain(List.of(old), known);
    assertThatThrownBy(() -> RevocationLists.of(List.of(old), known))
        .hasMessageContaining("it is out of date");
    assertThatThrownBy(
            () -> RevocationLists.requireUsableAgain(List.of(new CrlFile("f", forged)), known))
        .isInstanceOf(TrustException.class)
        .hasMessageStartingWith("Cannot use f as a revocation list: it is not signed with");
  }

  @Test
  void listThatIsOutOfDate_besideAFreshOne_isNoMatter() throws Exception {
    CrlFile old =
        new CrlFile("old", CrlForge.issuedAt(intermediate, NOW.minus(Duration.ofDays(60))).der());
    CrlFile fresh = new CrlFile("fresh", CrlForge.by(intermediate).der());
    RevocationLists lists =
        RevocationLists.ofTaken(List.of(old, fresh), Clock.fixed(NOW, ZoneOffset.UTC));

    assertChain(validate(trusting(lists, root), leaf, intermediate), root, leaf, intermediate);
  }

  @Test
  void signatureFromAfterTheInvalidityDate_isRevoked() throws Exception {
    Instant invalid = REVOKED.minus(Duration.ofDays(10));
    RevocationLists lists =
        lists(
            CrlForge.by(intermediate)
                .revokeWith(
                    certificate(),
                    REVOKED,
                    invaliditySince(new ASN1GeneralizedTime(Date.from(invalid)))));
    ChainValidator validator = trusting(lists, root);

    assertRefusedAt(
        invalid,
        Kind.REVOKED,
        "The certificate CN=Leaf was revoked on 2026-02-20T08:00:00Z (no reason given) and counts"
            + " as invalid since 2026-02-10T08:00:00Z. Do not use what it signed; have the model"
            + " signed with another certificate.",
        validator,
        leaf,
        intermediate);
    assertChain(
        ChainAssertions.validateAt(invalid.minusSeconds(1), validator, leaf, intermediate),
        root,
        leaf,
        intermediate);
  }

  @Test
  void entryWithAnInvalidityDateThatIsNoTime_isRevokedAtAnyTime() throws Exception {
    RevocationLists lists =
        lists(
            CrlForge.by(intermediate)
                .revokeWith(certificate(), REVOKED, invaliditySince(DERNull.INSTANCE)));

    assertRefusedAt(
        NOW.minus(Duration.ofDays(300)),
        Kind.REVOKED,
        "The certificate CN=Leaf was revoked on 2026-02-20T08:00:00Z (no reason given) and counts"
            + " as invalid since ever, as its invalidity date cannot be read. Do not use what it"
            + " signed; have the model signed with another certificate.",
        trusting(lists, root),
        leaf,
        intermediate);
  }

  @Test
  void lists_inOnePemFile_allCount() throws Exception {
    byte[] pem =
        CrlForge.pem(
            CrlForge.by(root).der(),
            CrlForge.by(intermediate).revoke(certificate(), REVOKED, 1).der());
    RevocationLists lists = load(List.of(new CrlFile("crl.pem", pem)));

    assertRefused(
        Kind.REVOKED,
        message("CN=Leaf", "key compromise"),
        trusting(lists, root),
        leaf,
        intermediate);
  }

  @Test
  void listWithTwoEntriesOfOneSerialNumber_isRefused() throws Exception {
    for (int hiding : List.of(CRLReason.removeFromCRL, CRLReason.keyCompromise)) {
      CrlForge list =
          CrlForge.by(intermediate)
              .revoke(certificate(), REVOKED, CRLReason.keyCompromise)
              .revoke(certificate(), NOW.plus(Duration.ofDays(900)), hiding);

      assertThatThrownBy(() -> lists(list))
          .isInstanceOf(TrustException.class)
          .hasMessage(
              "Cannot use crl as a revocation list: it has entries that contradict each other about"
                  + " the serial number "
                  + certificate().getSerialNumber().toString(16)
                  + ". Fetch a fresh one from its issuer.");
    }
  }

  @Test
  void damagedLists_areRefusedOrFailOrAreOfAnotherIssuer() throws Exception {
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
        RevocationLists lists = load(List.of(new CrlFile("crl", damaged)));
        assertThat(lists.find(certificate(), intermediate.certificate(), NOW, FAULTS))
            .as("change %d", i)
            .isEmpty();
      } catch (ChainException e) {
        assertThat(e.kind()).as("change %d", i).isEqualTo(Kind.REVOCATION_UNKNOWN);
      } catch (TrustException e) {
        assertThat(e).hasMessageStartingWith("Cannot use crl as a revocation list: it ");
      }
    }
  }

  private X509Certificate certificate() {
    return leaf.certificate();
  }

  private static RevocationLists lists(CrlForge... lists) throws TrustException {
    return load(Arrays.stream(lists).map(list -> new CrlFile("crl", list.der())).toList());
  }

  private static RevocationLists load(List<CrlFile> files, Issued... known) throws TrustException {
    return RevocationLists.of(
        files, ChainAssertions.certificates(known), Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static Extensions invaliditySince(ASN1Encodable value) {
    try {
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      extensions.addExtension(Extension.invalidityDate, false, value);
      return extensions.generate();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String unknown(String subject, String problem) {
    return "Whether the certificate "
        + subject
        + " was revoked is unknown: the revocation list crl "
        + problem;
  }

  private static String message(String subject, String reason) {
    return "The certificate "
        + subject
        + " was revoked on 2026-02-20T08:00:00Z ("
        + reason
        + "). Do not use what it signed; have the model signed with another certificate.";
  }
}
