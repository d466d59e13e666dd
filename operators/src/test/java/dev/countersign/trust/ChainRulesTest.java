package dev.countersign.trust;

import static dev.countersign.trust.CertificateForge.NOW;
import static dev.countersign.trust.ChainAssertions.assertChain;
import static dev.countersign.trust.ChainAssertions.assertRefused;
import static dev.countersign.trust.ChainAssertions.assertRefusedAt;
import static dev.countersign.trust.ChainAssertions.trusting;
import static dev.countersign.trust.ChainAssertions.validate;

import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.ChainException.Kind;
import java.time.Duration;
import java.time.Instant;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One test for each rule about trust, time and usage, with its kind and its message. */
final class ChainRulesTest {

  private final Issued root = CertificateForge.ca("CN=Root").issue();
  private final Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(root).issue();

  @Test
  void leaf_underAnotherRoot_isUntrusted() {
    Issued other = CertificateForge.ca("CN=Other").issue();

    assertRefused(
        Kind.UNTRUSTED,
        "No trusted certificate vouches for CN=Leaf: the chain ends at CN=Leaf, whose issuer"
            + " CN=Root is neither trusted nor part of the chain. If it is to be trusted, name that"
            + " certificate with 'certificate-chain'.",
        trusting(other),
        leaf);
  }

  @Test
  void rootInTheBundle_provesNothing() {
    Issued other = CertificateForge.ca("CN=Other").issue();

    assertRefused(
        Kind.UNTRUSTED,
        "No trusted certificate vouches for CN=Leaf: the chain ends at CN=Root, which is not"
            + " trusted. If it is to be trusted, name that certificate with 'certificate-chain'.",
        trusting(other),
        leaf,
        root);
  }

  @Test
  void rootOfTheSameNameAndAnotherKey_provesNothing() {
    Issued namesake = CertificateForge.ca("CN=Root").issue();

    assertRefused(
        Kind.UNTRUSTED,
        "No trusted certificate vouches for CN=Leaf: the chain ends at CN=Root. A certificate of"
            + " its issuer CN=Root is trusted, but its key did not sign it: the issuer has another"
            + " key by now, or another issuer has the same name. If that one is to be trusted, name"
            + " its certificate with 'certificate-chain'.",
        trusting(namesake),
        leaf,
        root);
  }

  @Test
  void selfSignedLeaf_isUntrusted() {
    Issued own = CertificateForge.leaf("CN=Own").issue();

    assertRefused(
        Kind.UNTRUSTED,
        "No trusted certificate vouches for CN=Own: the chain ends at CN=Own, which is not trusted."
            + " If it is to be trusted, name that certificate with 'certificate-chain'.",
        trusting(root),
        own);
  }

  @Test
  void subject_withControlCharacters_isEscaped() {
    Issued hostile = CertificateForge.leaf("CN=Evil\u001b[2J\u202e").issue();

    assertRefused(
        Kind.UNTRUSTED,
        "No trusted certificate vouches for CN=Evil\\u001b[2J\\u202e: the chain ends at"
            + " CN=Evil\\u001b[2J\\u202e, which is not trusted. If it is to be trusted, name that"
            + " certificate with 'certificate-chain'.",
        trusting(root),
        hostile);
  }

  @Test
  void expiredLeaf_isExpired() {
    Issued expired =
        CertificateForge.leaf("CN=Leaf")
            .validity(NOW.minus(Duration.ofDays(9)), Instant.parse("2026-02-28T00:00:00Z"))
            .signedBy(root)
            .issue();

    assertRefused(
        Kind.EXPIRED,
        "The certificate CN=Leaf expired on 2026-02-28T00:00:00Z, and 2026-03-01T12:00:00Z counts."
            + " Have the model signed again, or rely on a timestamp from when the certificate was"
            + " valid ('tsa-certificate-chain').",
        trusting(root),
        expired);
    assertRefused(
        Kind.EXPIRED,
        "The certificate CN=Leaf expired on 2026-02-28T00:00:00Z, and 2026-03-01T12:00:00Z counts."
            + " Have the model signed again, or rely on a timestamp from when the certificate was"
            + " valid ('tsa-certificate-chain').",
        trusting(expired),
        expired);
  }

  @Test
  void futureLeaf_isNotYetValid() {
    Issued future =
        CertificateForge.leaf("CN=Leaf")
            .validity(Instant.parse("2026-03-02T00:00:00Z"), NOW.plus(Duration.ofDays(9)))
            .signedBy(root)
            .issue();

    assertRefused(
        Kind.NOT_YET_VALID,
        "The certificate CN=Leaf is not valid before 2026-03-02T00:00:00Z, and 2026-03-01T12:00:00Z"
            + " counts. Have the model signed again, or rely on a timestamp from when the"
            + " certificate was valid ('tsa-certificate-chain').",
        trusting(root),
        future);
  }

  @Test
  void expiredIntermediate_isExpired() {
    Issued expired =
        CertificateForge.ca("CN=CA")
            .validity(NOW.minus(Duration.ofDays(9)), Instant.parse("2026-02-28T00:00:00Z"))
            .signedBy(root)
            .issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(expired).issue();

    assertRefused(
        Kind.EXPIRED,
        "The certificate CN=CA expired on 2026-02-28T00:00:00Z, and 2026-03-01T12:00:00Z counts."
            + " Have the model signed again, or rely on a timestamp from when the certificate was"
            + " valid ('tsa-certificate-chain').",
        trusting(root),
        signer,
        expired);
  }

  @Test
  void expiredAnchor_isExpired() {
    assertRefusedAt(
        Instant.parse("2028-01-01T00:00:00Z"),
        Kind.EXPIRED,
        "The trusted certificate CN=Root expired on 2027-03-01T12:00:00Z, and 2028-01-01T00:00:00Z"
            + " counts. Name one that is valid then with 'certificate-chain'.",
        trusting(root),
        leaf);
  }

  @ParameterizedTest
  @CsvSource({"-1, NOT_YET_VALID", "1, EXPIRED"})
  void leaf_aSecondOutsideOfItsValidity_isRefused(int seconds, Kind kind) {
    Issued brief = CertificateForge.leaf("CN=Brief").validity(NOW, NOW).signedBy(root).issue();

    assertRefusedAt(
        NOW.plusSeconds(seconds),
        kind,
        "The certificate CN=Brief "
            + (seconds < 0 ? "is not valid before " : "expired on ")
            + NOW
            + ", and "
            + NOW.plusSeconds(seconds)
            + " counts. Have the model signed again, or rely on a timestamp from when the"
            + " certificate was valid ('tsa-certificate-chain').",
        trusting(root),
        brief);
  }

  @Test
  void leaf_inTheOneSecondOfItsValidity_passes() throws Exception {
    Issued brief = CertificateForge.leaf("CN=Brief").validity(NOW, NOW).signedBy(root).issue();

    assertChain(validate(trusting(root), brief), root, brief);
  }

  @Test
  void leaf_withoutAnyUsage_isUnsuitable() {
    Issued silent =
        CertificateForge.leaf("CN=Silent")
            .without(Extension.keyUsage)
            .without(Extension.extendedKeyUsage)
            .signedBy(root)
            .issue();

    assertNotForModels(silent, "CN=Silent");
  }

  @Test
  void leaf_forAnyPurpose_isUnsuitable() {
    Issued any =
        CertificateForge.leaf("CN=Any")
            .keyUsage(KeyUsage.keyEncipherment)
            .extendedKeyUsage(false, KeyPurposeId.anyExtendedKeyUsage)
            .signedBy(root)
            .issue();

    assertNotForModels(any, "CN=Any");
  }

  @Test
  void leaf_thatTheCallerNamesWithoutUsage_isUnsuitable() {
    Issued silent =
        CertificateForge.leaf("CN=Silent")
            .without(Extension.keyUsage)
            .without(Extension.extendedKeyUsage)
            .issue();

    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Silent is not for signing models: neither its key usage has"
            + " digitalSignature nor its extended key usage codeSigning. Sign with a certificate"
            + " that has one of them.",
        trusting(silent),
        silent);
  }

  @Test
  void chain_ofSeventeenCertificates_isUntrusted() {
    Issued[] authorities = new Issued[16];
    Issued issuer = root;
    for (int i = authorities.length - 1; i >= 0; i--) {
      issuer = CertificateForge.ca("CN=CA " + i).signedBy(issuer).issue();
      authorities[i] = issuer;
    }
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(issuer).issue();

    assertRefused(
        Kind.UNTRUSTED,
        "No trusted certificate vouches for CN=Signer: its chain has 17 certificates, and at most"
            + " 16 are accepted. Use a shorter one.",
        trusting(root),
        signer,
        authorities);
  }

  private void assertNotForModels(Issued certificate, String name) {
    assertRefused(
        Kind.UNSUITABLE,
        "The certificate "
            + name
            + " is not for signing models: neither its key usage has digitalSignature nor its"
            + " extended key usage codeSigning. Sign with a certificate that has one of them.",
        trusting(root),
        certificate);
  }
}
