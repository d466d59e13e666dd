package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.Certificates;
import dev.countersign.oms.Sha256;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.ValidatedChain;
import dev.countersign.trust.VerifiedTimestamp;
import dev.countersign.verification.CertifiedSigner;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.Test;

final class SignerCertificatesTest {

  private static final Instant NOW = CertificateForge.NOW;
  private static final Instant FROM = NOW.minus(Duration.ofDays(3));
  private static final Instant TO = NOW.plus(Duration.ofDays(4));

  private static final Issued ROOT = CertificateForge.ca("CN=Root").issue();
  private static final Issued INTERMEDIATE =
      CertificateForge.ca("CN=Intermediate").signedBy(ROOT).issue();

  @Test
  void of_aCertificate_saysWhatItSays() {
    X509Certificate leaf =
        CertificateForge.leaf("CN=Signer,O=Test only")
            .signedBy(INTERMEDIATE)
            .validity(FROM, TO)
            .with(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(
                    new GeneralName[] {
                      new GeneralName(GeneralName.rfc822Name, "signer@example.org"),
                      new GeneralName(GeneralName.iPAddress, "192.0.2.1"),
                      new GeneralName(GeneralName.dNSName, "signer.example.org"),
                      new GeneralName(
                          GeneralName.uniformResourceIdentifier, "https://example.org/signer")
                    }))
            .issue()
            .certificate();

    SignerCertificate record = SignerCertificates.of(leaf);

    assertThat(record.getSubject()).isEqualTo("CN=Signer,O=Test only");
    assertThat(record.getIssuer()).isEqualTo("CN=Intermediate");
    assertThat(record.getAlternativeNames())
        .containsExactly("signer@example.org", "signer.example.org", "https://example.org/signer");
    assertThat(record.getSerial())
        .matches("[0-9a-f]+")
        .isEqualTo(leaf.getSerialNumber().toString(16));
    assertThat(record.getNotBefore()).isEqualTo(FROM);
    assertThat(record.getNotAfter()).isEqualTo(TO);
    assertThat(record.getKeyAlgorithm()).isEqualTo("EC P-256");
    assertThat(record.getSha256()).isEqualTo(fingerprint(leaf));
    assertThat(record.getChainSha256()).isEmpty();
    assertThat(record.getTrustAnchor()).isEmpty();
    assertThat(record.getTrustAnchorSha256()).isEmpty();
    assertThat(record.getCheckedAt()).isNull();
    assertThat(record.getTimestampAuthority()).isEmpty();
  }

  @Test
  void of_keysOfOtherKinds_namesThem() {
    X509Certificate rsa =
        CertificateForge.leaf("CN=RSA").keys(CertificateForge.rsa(2048)).issue().certificate();
    X509Certificate edwards =
        CertificateForge.leaf("CN=Edwards").keys(CertificateForge.ed25519()).issue().certificate();

    assertThat(SignerCertificates.of(rsa).getKeyAlgorithm()).isEqualTo("RSA 2048");
    assertThat(SignerCertificates.of(edwards).getKeyAlgorithm()).isEqualTo("Ed25519");
  }

  @Test
  void of_aCheckedSigner_namesItsPathAndAnchor() {
    X509Certificate leaf =
        CertificateForge.leaf("CN=Signer").signedBy(INTERMEDIATE).issue().certificate();
    X509Certificate authority =
        CertificateForge.timestampAuthority("CN=Authority").signedBy(ROOT).issue().certificate();

    SignerCertificate record =
        SignerCertificates.of(
            new CertifiedSigner(
                leaf,
                List.of(leaf, INTERMEDIATE.certificate()),
                Optional.of(ROOT.certificate()),
                Optional.of(NOW),
                Optional.of(
                    new VerifiedTimestamp(
                        NOW, new ValidatedChain(List.of(authority), ROOT.certificate()))),
                false,
                Optional.empty()));

    assertThat(record.getSubject()).isEqualTo("CN=Signer");
    assertThat(record.getChainSha256())
        .containsExactly(fingerprint(leaf), fingerprint(INTERMEDIATE.certificate()));
    assertThat(record.getTrustAnchor()).isEqualTo("CN=Root");
    assertThat(record.getTrustAnchorSha256()).isEqualTo(fingerprint(ROOT.certificate()));
    assertThat(record.getCheckedAt()).isEqualTo(NOW);
    assertThat(record.getTimestampAuthority()).isEqualTo("CN=Authority");
  }

  @Test
  void of_anAuthorityWithoutAName_isNeverEmpty() {
    X509Certificate leaf = CertificateForge.leaf("CN=Signer").issue().certificate();
    X509Certificate nameless =
        CertificateForge.timestampAuthority("")
            .signedBy(ROOT)
            .with(
                Extension.subjectAlternativeName,
                true,
                new GeneralNames(new GeneralName(GeneralName.dNSName, "tsa.example.org")))
            .issue()
            .certificate();

    SignerCertificate record =
        SignerCertificates.of(
            new CertifiedSigner(
                leaf,
                List.of(leaf),
                Optional.of(leaf),
                Optional.of(NOW),
                Optional.of(
                    new VerifiedTimestamp(
                        NOW, new ValidatedChain(List.of(nameless), ROOT.certificate()))),
                false,
                Optional.empty()));

    assertThat(record.getTimestampAuthority())
        .isEqualTo("serial number " + nameless.getSerialNumber().toString(16) + " of CN=Root");
  }

  @Test
  void of_textsOfAnyLength_cutsThemAtAThousandCharacters() {
    Issued issuer = CertificateForge.ca("CN=" + "i".repeat(1_000)).issue();
    X509Certificate leaf =
        CertificateForge.leaf("CN=" + "s".repeat(997))
            .signedBy(issuer)
            .with(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, "n".repeat(5_000))))
            .issue()
            .certificate();

    SignerCertificate record =
        SignerCertificates.of(
            new CertifiedSigner(
                leaf,
                List.of(leaf),
                Optional.of(issuer.certificate()),
                Optional.of(NOW),
                Optional.empty(),
                false,
                Optional.empty()));

    assertThat(record.getSubject()).isEqualTo("CN=" + "s".repeat(997));
    assertThat(record.getIssuer()).isEqualTo("CN=" + "i".repeat(997) + "...");
    assertThat(record.getAlternativeNames()).containsExactly("n".repeat(1_000) + "...");
    assertThat(record.getTrustAnchor()).isEqualTo("CN=" + "i".repeat(997) + "...");
  }

  @Test
  void of_manyAlternativeNames_keepsTheFirstSixteen() {
    GeneralName[] names =
        IntStream.range(0, 500)
            .mapToObj(i -> new GeneralName(GeneralName.dNSName, "host-" + i))
            .toArray(GeneralName[]::new);
    X509Certificate leaf =
        CertificateForge.leaf("CN=Signer")
            .with(Extension.subjectAlternativeName, false, new GeneralNames(names))
            .issue()
            .certificate();

    List<String> kept = SignerCertificates.of(leaf).getAlternativeNames();

    assertThat(kept).isEqualTo(IntStream.range(0, 16).mapToObj(i -> "host-" + i).toList());
  }

  @Test
  void of_alternativeNamesThatCannotBeRead_hasNone() {
    X509Certificate leaf =
        CertificateForge.leaf("CN=Signer")
            .with(Extension.subjectAlternativeName, false, CertificateForge.UNREADABLE_NAMES)
            .issue()
            .certificate();

    SignerCertificate record = SignerCertificates.of(leaf);

    assertThat(record.getSubject()).isEqualTo("CN=Signer");
    assertThat(record.getAlternativeNames()).isEmpty();
  }

  private static String fingerprint(X509Certificate certificate) {
    return Sha256.hex(Certificates.encoded(certificate));
  }
}
