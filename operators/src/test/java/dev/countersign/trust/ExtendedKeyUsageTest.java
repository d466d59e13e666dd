package dev.countersign.trust;

import static dev.countersign.trust.ChainAssertions.assertChain;
import static dev.countersign.trust.ChainAssertions.assertRefused;
import static dev.countersign.trust.ChainAssertions.trusting;
import static dev.countersign.trust.ChainAssertions.validate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.ChainException.Kind;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An extended key usage that is present must allow the use, from the leaf up to the anchor. */
final class ExtendedKeyUsageTest {

  private static final String NOT_FOR_MODELS =
      " is not for signing models: its extended key usage has neither codeSigning nor"
          + " anyExtendedKeyUsage. Sign with a certificate whose extended key usage has"
          + " codeSigning, or with one that has no extended key usage.";

  private final Issued root = CertificateForge.ca("CN=Root").issue();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leaf_forServersAlone_isUnsuitableThoughItMaySign(boolean critical) {
    Issued server =
        CertificateForge.leaf("CN=Server")
            .extendedKeyUsage(critical, KeyPurposeId.id_kp_serverAuth)
            .signedBy(root)
            .issue();

    String message = "The certificate CN=Server" + NOT_FOR_MODELS;
    assertRefused(Kind.UNSUITABLE, message, trusting(root), server);
    assertRefused(Kind.UNSUITABLE, message, trusting(server), server);
  }

  @Test
  void leaf_whoseExtendedKeyUsageCannotBeRead_isUnsuitable() {
    Issued odd =
        CertificateForge.leaf("CN=Odd")
            .with(Extension.extendedKeyUsage, false, DERNull.INSTANCE)
            .signedBy(root)
            .issue();

    assertRefused(Kind.UNSUITABLE, "The certificate CN=Odd" + NOT_FOR_MODELS, trusting(root), odd);
  }

  @Test
  void leaf_forAnyUseThatMaySign_passes() throws Exception {
    Issued any =
        CertificateForge.leaf("CN=Any")
            .extendedKeyUsage(true, KeyPurposeId.anyExtendedKeyUsage)
            .signedBy(root)
            .issue();

    assertChain(validate(trusting(root), any), root, any);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void intermediate_forServersAlone_issuesNoSigners(boolean critical) {
    Issued limited = limited("CN=Limited", critical, KeyPurposeId.id_kp_serverAuth, root);
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(limited).issue();

    assertRefused(Kind.UNSUITABLE, notForIssuing("CN=Limited"), trusting(root), signer, limited);
  }

  @Test
  void intermediateBelowOneForServersAlone_issuesNoSigners() {
    Issued limited = limited("CN=Limited", false, KeyPurposeId.id_kp_serverAuth, root);
    Issued lower = CertificateForge.ca("CN=Lower").signedBy(limited).issue();
    Issued stated = limited("CN=Stated", false, KeyPurposeId.id_kp_codeSigning, limited);
    Issued first = CertificateForge.leaf("CN=First").signedBy(lower).issue();
    Issued second = CertificateForge.leaf("CN=Second").signedBy(stated).issue();
    String message = notForIssuing("CN=Limited");

    assertRefused(Kind.UNSUITABLE, message, trusting(root), first, lower, limited);
    assertRefused(Kind.UNSUITABLE, message, trusting(root), second, stated, limited);
  }

  @Test
  void intermediate_forSigningCodeOrAnyUse_issuesSigners() throws Exception {
    Issued any = limited("CN=Any", true, KeyPurposeId.anyExtendedKeyUsage, root);
    Issued code = limited("CN=Code", true, KeyPurposeId.id_kp_codeSigning, any);
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(code).issue();

    assertChain(validate(trusting(root), signer, code, any), root, signer, code, any);
  }

  @Test
  void intermediate_forServersAlone_issuesSignersWhereItIsNamedItself() throws Exception {
    Issued limited = limited("CN=Limited", true, KeyPurposeId.id_kp_serverAuth, root);
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(limited).issue();

    assertChain(validate(trusting(limited), signer), limited, signer);
  }

  @Test
  void intermediate_forServersAloneWithATwinForAll_isPassedBy() throws Exception {
    KeyPair shared = CertificateForge.ec("secp256r1");
    Issued limited =
        CertificateForge.ca("CN=Twin")
            .keys(shared)
            .extendedKeyUsage(true, KeyPurposeId.id_kp_serverAuth)
            .signedBy(root)
            .issue();
    Issued free = CertificateForge.ca("CN=Twin").keys(shared).signedBy(root).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(free).issue();

    assertChain(validate(trusting(root), signer, limited, free), root, signer, free);
  }

  @Test
  void intermediate_forSigningCodeAlone_issuesNoTimestampAuthorities() throws Exception {
    Issued code = limited("CN=Code", false, KeyPurposeId.id_kp_codeSigning, root);
    Issued clock = limited("CN=Clock", true, KeyPurposeId.id_kp_timeStamping, root);

    TimestampException refusal =
        catchThrowableOfType(TimestampException.class, () -> stampedBelow(code));

    assertThat(refusal)
        .isNotNull()
        .hasMessage(
            "The timestamp is not to be relied on. The certificate CN=Code issued another"
                + " certificate, and its extended key usage has neither timeStamping nor"
                + " anyExtendedKeyUsage. Have its issuer put that right, or name this certificate"
                + " itself with 'tsa-certificate-chain' if it is to be trusted.");
    assertThat(stampedBelow(clock).anchor()).isEqualTo(root.certificate());
  }

  private VerifiedTimestamp stampedBelow(Issued issuer) throws TimestampException {
    byte[] signature = "signature".getBytes(StandardCharsets.UTF_8);
    Issued authority = CertificateForge.timestampAuthority("CN=TSA").signedBy(issuer).issue();
    byte[] response =
        TimestampForge.over(signature, authority)
            .enclosing(authority.certificate(), issuer.certificate())
            .response();
    return new TimestampVerifier(
            TrustAnchors.of(ChainAssertions.certificates(root)), RevocationLists.none())
        .verify(response, signature);
  }

  private static Issued limited(
      String subject, boolean critical, KeyPurposeId purpose, Issued issuer) {
    return CertificateForge.ca(subject)
        .extendedKeyUsage(critical, purpose)
        .signedBy(issuer)
        .issue();
  }

  private static String notForIssuing(String subject) {
    return "The certificate "
        + subject
        + " issued another certificate, and its extended key usage has neither codeSigning nor"
        + " anyExtendedKeyUsage. Have its issuer put that right, or name this certificate itself"
        + " with 'certificate-chain' if it is to be trusted.";
  }
}
