package dev.countersign.trust;

import static dev.countersign.trust.CertificateForge.NOW;
import static dev.countersign.trust.ChainAssertions.assertChain;
import static dev.countersign.trust.ChainAssertions.assertRefused;
import static dev.countersign.trust.ChainAssertions.trusting;
import static dev.countersign.trust.ChainAssertions.validate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.ChainException.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Authorities with keys on curves that the JDK cannot compute on. */
final class OtherCurvesTest {

  private static final String ISSUER_TO_ACT =
      " Have its issuer put that right, and the model signed again.";
  private static final String NEEDED =
      "; RSA, EdDSA and EC on a named curve over a prime field with an order of 224 bits or more"
          + " can.";

  private final Issued root =
      CertificateForge.ca("CN=Root").keys(CertificateForge.otherCurve("brainpoolP384r1")).issue();
  private final Issued intermediate =
      CertificateForge.ca("CN=CA")
          .keys(CertificateForge.otherCurve("brainpoolP256r1"))
          .signedBy(root)
          .issue();
  private final Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(intermediate).issue();

  @ParameterizedTest
  @ValueSource(strings = {"brainpoolP256r1", "brainpoolP512r1", "secp256k1"})
  void root_onAnotherCurve_vouchesForLeaves(String curve) throws Exception {
    Issued other = CertificateForge.ca("CN=Other").keys(CertificateForge.otherCurve(curve)).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(other).issue();

    assertChain(validate(trusting(other), signer), other, signer);
  }

  @Test
  void intermediate_onAnotherCurve_vouchesForLeaves() throws Exception {
    Issued plain = CertificateForge.ca("CN=Plain").issue();
    Issued below =
        CertificateForge.ca("CN=Below")
            .keys(CertificateForge.otherCurve("brainpoolP256r1"))
            .signedBy(plain)
            .issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(below).issue();

    assertChain(validate(trusting(root), leaf, intermediate), root, leaf, intermediate);
    assertChain(validate(trusting(plain), signer, below), plain, signer, below);
  }

  @Test
  void chain_onAnotherCurve_keepsAllRules() {
    Issued impostor =
        CertificateForge.ca("CN=CA").keys(CertificateForge.otherCurve("brainpoolP256r1")).issue();
    Issued forged = CertificateForge.leaf("CN=Forged").signedBy(impostor).issue();
    Issued limited =
        CertificateForge.ca("CN=Limited")
            .extendedKeyUsage(true, KeyPurposeId.id_kp_serverAuth)
            .signedBy(root)
            .issue();
    Issued misled = CertificateForge.leaf("CN=Misled").signedBy(limited).issue();
    Issued old =
        CertificateForge.leaf("CN=Old")
            .validity(NOW.minusSeconds(60), NOW.minusSeconds(30))
            .signedBy(root)
            .issue();

    assertThatThrownBy(() -> validate(trusting(root), forged, intermediate))
        .isInstanceOfSatisfying(
            ChainException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNTRUSTED));
    assertThatThrownBy(() -> validate(trusting(root), misled, limited))
        .hasMessageContaining("its extended key usage has neither codeSigning");
    assertThatThrownBy(() -> validate(trusting(root), old))
        .isInstanceOfSatisfying(
            ChainException.class, e -> assertThat(e.kind()).isEqualTo(Kind.EXPIRED));
  }

  @Test
  void list_ofAnAuthorityOnAnotherCurve_counts() throws Exception {
    RevocationLists lists =
        RevocationLists.of(
            List.of(
                new CrlFile(
                    "crl",
                    CrlForge.by(intermediate)
                        .revoke(leaf.certificate(), NOW.minusSeconds(60), 1)
                        .der())),
            ChainAssertions.certificates(root, intermediate),
            Clock.fixed(NOW, ZoneOffset.UTC));
    Issued other = CertificateForge.leaf("CN=Other").signedBy(intermediate).issue();

    assertThatThrownBy(() -> validate(trusting(lists, root), leaf, intermediate))
        .isInstanceOfSatisfying(
            ChainException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REVOKED));
    assertChain(validate(trusting(lists, root), other, intermediate), root, other, intermediate);
  }

  @Test
  void timestamp_byAnAuthorityOnAnotherCurve_verifies() throws Exception {
    byte[] signature = "signature".getBytes(StandardCharsets.UTF_8);
    Issued authority =
        CertificateForge.timestampAuthority("CN=TSA")
            .keys(CertificateForge.otherCurve("brainpoolP256r1"))
            .signedBy(root)
            .issue();

    VerifiedTimestamp verified =
        new TimestampVerifier(
                TrustAnchors.of(ChainAssertions.certificates(root)), RevocationLists.none())
            .verify(TimestampForge.over(signature, authority).response(), signature);

    assertThat(verified.anchor()).isEqualTo(root.certificate());
  }

  @Test
  void root_onACurveThatIsTooSmall_isNamedWithItsCurve() {
    Issued small =
        CertificateForge.ca("CN=Small")
            .keys(CertificateForge.otherCurve("brainpoolP160r1"))
            .issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(small).issue();

    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Small has a key that cannot be relied on (EC on brainpoolP160r1)"
            + NEEDED
            + ISSUER_TO_ACT,
        trusting(small),
        signer);
  }

  @Test
  void root_thatIsNamedAndDidNotSign_isNotCalledUntrusted() {
    Issued renewed = CertificateForge.ca("CN=Root").issue();

    assertRefused(
        Kind.UNTRUSTED,
        "No trusted certificate vouches for CN=Leaf: the chain ends at CN=CA. A certificate of its"
            + " issuer CN=Root is trusted, but its key did not sign it: the issuer has another key"
            + " by now, or another issuer has the same name. If that one is to be trusted, name its"
            + " certificate with 'certificate-chain'.",
        trusting(renewed),
        leaf,
        intermediate);
  }
}
