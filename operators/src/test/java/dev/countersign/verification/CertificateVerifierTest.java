package dev.countersign.verification;

import static dev.countersign.verification.CertificateBundles.BOUNDS;
import static dev.countersign.verification.CertificateBundles.EXPIRED;
import static dev.countersign.verification.CertificateBundles.INTERMEDIATE;
import static dev.countersign.verification.CertificateBundles.NOW;
import static dev.countersign.verification.CertificateBundles.ROOT;
import static dev.countersign.verification.CertificateBundles.SIGNER;
import static dev.countersign.verification.CertificateBundles.WHILE_VALID;
import static dev.countersign.verification.CertificateBundles.assertRefused;
import static dev.countersign.verification.CertificateBundles.bundle;
import static dev.countersign.verification.CertificateBundles.payload;
import static dev.countersign.verification.CertificateBundles.signature;
import static dev.countersign.verification.CertificateBundles.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.ManualClock;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.Test;

final class CertificateVerifierTest {

  private CertificateTime time = CertificateTime.NOW;
  private boolean ofJdk;
  private Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);

  @Test
  void verify_ofACertificateWhoseKeyIsOnNoCurve_isRefused() throws Exception {
    KeyPair keys = CertificateForge.ec("secp256r1");
    ECPublicKey key = (ECPublicKey) keys.getPublic();
    ECPoint beside = new ECPoint(key.getW().getAffineX(), key.getW().getAffineY().flipBit(0));
    PublicKey moved =
        KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(beside, key.getParams()));
    Issued signer =
        CertificateForge.leaf("CN=Beside")
            .keys(new KeyPair(moved, keys.getPrivate()))
            .signedBy(INTERMEDIATE)
            .issue();
    byte[] bundle = bundle(signer);

    assertRefused(
        () -> verifier().verify(bundle),
        VerificationException.Kind.UNSUPPORTED_KEY,
        "The signer's certificate has a key of the algorithm EC, which cannot sign models.");
  }

  @Test
  void verify_ofASignersBundle_namesSignerPathAndAnchor() throws Exception {
    VerifiedBundle verified = verifier().verify(bundle(SIGNER));

    CertifiedSigner signer = verified.certified().orElseThrow();
    assertThat(verified.method()).isEqualTo(SignatureMethod.CERTIFICATE);
    assertThat(verified.signer()).isEqualTo(CertificateDigest.of(SIGNER.certificate()));
    assertThat(verified.manifest().modelName()).isEqualTo("model");
    assertThat(signer.path()).containsExactly(SIGNER.certificate(), INTERMEDIATE.certificate());
    assertThat(signer.anchor()).contains(ROOT.certificate());
    assertThat(signer.checkedAt()).contains(NOW);
    assertThat(signer.timestamp()).isEmpty();
  }

  @Test
  void verify_ofAChangedPayload_saysThatTheSignatureIsBad() throws Exception {
    Bundle signed = signed(SIGNER, List.of());
    byte[] other = payload("other");
    byte[] forged =
        BundleJson.write(
            new Bundle(
                signed.material(),
                new Envelope(Envelope.PAYLOAD_TYPE, other, signed.envelope().signature(), "")));

    assertRefused(
        () -> verifier().verify(forged),
        VerificationException.Kind.BAD_SIGNATURE,
        "The signature is not the one of the bundle's own certificate");
  }

  @Test
  void verify_ofAKeysBundle_isAMismatchOfMethods() throws Exception {
    byte[] keys =
        BundleJson.write(
            new Bundle(
                new VerificationMaterial.PublicKeyHint("0a"),
                signed(SIGNER, List.of()).envelope()));

    assertRefused(
        () -> verifier().verify(keys),
        VerificationException.Kind.METHOD_MISMATCH,
        "signed with a bare key, and a certificate cannot verify it");
  }

  @Test
  void verify_ofAnotherAuthoritysSigner_namesItAsAClaim() {
    Issued stranger = CertificateForge.leaf("CN=Stranger").issue();

    assertThatThrownBy(() -> verifier().verify(bundle(stranger)))
        .isInstanceOfSatisfying(
            VerificationException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(VerificationException.Kind.UNTRUSTED_SIGNER);
              assertThat(e.claimed().orElseThrow().certificate()).isEqualTo(stranger.certificate());
              assertThat(e.claimed().orElseThrow().anchor()).isEmpty();
            })
        .hasMessageContaining("CN=Stranger");
  }

  @Test
  void verify_ofBytesThatAreNoCertificate_isMalformed() throws Exception {
    byte[] broken =
        BundleJson.write(
            new Bundle(
                new VerificationMaterial.CertificateChain(
                    List.of(SIGNER.certificate().getEncoded(), new byte[] {0x30, 0})),
                signed(SIGNER, List.of()).envelope()));

    assertThatThrownBy(() -> verifier().verify(broken))
        .isInstanceOfSatisfying(
            OmsException.class, e -> assertThat(e.kind()).isEqualTo(OmsException.Kind.MALFORMED))
        .hasMessageStartingWith("Certificate 2 of the bundle's chain ");
  }

  @Test
  void verify_withAnExpiredCertificate_isRefused() {
    assertRefused(
        () -> verifier().verify(bundle(EXPIRED)),
        VerificationException.Kind.EXPIRED_CERTIFICATE,
        "CN=Expired");
  }

  @Test
  void verify_atTheBeginOfTheCertificate_passesWhatHasExpired() throws Exception {
    time = CertificateTime.NOT_BEFORE;

    CertifiedSigner signer = verifier().verify(bundle(EXPIRED)).certified().orElseThrow();

    assertThat(signer.checkedAt()).contains(EXPIRED.certificate().getNotBefore().toInstant());
  }

  @Test
  void verify_atATimeOfTheCallers_holdsToIt() throws Exception {
    time = CertificateTime.parse(WHILE_VALID.toString()).orElseThrow();
    var unused = verifier().verify(bundle(EXPIRED));
    time = CertificateTime.parse("2001-01-01T00:00:00+02:00").orElseThrow();

    assertRefused(
        () -> verifier().verify(bundle(EXPIRED)),
        VerificationException.Kind.CERTIFICATE_NOT_YET_VALID,
        "not valid");
  }

  @Test
  void verify_againWhenTheCertificateHasExpired_doesNotRememberThatItHeld() throws Exception {
    ManualClock moved = new ManualClock(NOW);
    clock = moved;
    CertificateVerifier verifier = verifier();
    byte[] bundle = bundle(SIGNER);
    var unused = verifier.verify(bundle);

    moved.pass(
        Duration.between(NOW, SIGNER.certificate().getNotAfter().toInstant().plusSeconds(1)));

    assertRefused(
        () -> verifier.verify(bundle), VerificationException.Kind.EXPIRED_CERTIFICATE, "CN=Signer");
  }

  @Test
  void verify_underTheJdksAnchors_takesCertificatesForSigningCodeAlone() throws Exception {
    Issued server =
        CertificateForge.leaf("CN=Server")
            .without(Extension.extendedKeyUsage)
            .signedBy(INTERMEDIATE)
            .issue();
    VerifiedBundle named = verifier().verify(bundle(server));
    ofJdk = true;

    VerifiedBundle code = verifier().verify(bundle(SIGNER));

    assertThat(named.certified()).isPresent();
    assertThat(code.certified()).isPresent();
    assertRefused(
        () -> verifier().verify(bundle(server)),
        VerificationException.Kind.UNSUITABLE_CERTIFICATE,
        "is not for signing code");
  }

  @Test
  void verify_ofACertificateThatNamesServers_opensNoConnection() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          exchange.sendResponseHeaders(404, -1);
        });
    server.start();
    try {
      Issued signer = namingServers("http://127.0.0.1:" + server.getAddress().getPort() + "/");
      byte[] payload = payload("model");
      byte[] withoutItsIssuer =
          BundleJson.write(
              new Bundle(
                  new VerificationMaterial.CertificateChain(
                      List.of(signer.certificate().getEncoded())),
                  new Envelope(Envelope.PAYLOAD_TYPE, payload, signature(signer, payload), "")));

      var unused = verifier().verify(bundle(signer));
      assertRefused(
          () -> verifier().verify(withoutItsIssuer),
          VerificationException.Kind.UNTRUSTED_SIGNER,
          "CN=Intermediate");

      assertThat(asked).hasValue(0);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void ownVerifier_ofACertificate_knowsItsBundlesAndNoOthers() throws Exception {
    BundleVerifier own =
        new OwnCertificateSettings(EXPIRED.certificate().getEncoded()).verifier(BOUNDS);

    assertThat(own.verify(bundle(EXPIRED)).certified().orElseThrow().anchor()).isEmpty();
    assertRefused(
        () -> own.verify(bundle(SIGNER)),
        VerificationException.Kind.UNTRUSTED_SIGNER,
        "another certificate than this signer's");
  }

  /** A signer whose certificate says where to ask for its issuer, its status and its list. */
  private static Issued namingServers(String url) {
    GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, url);
    return CertificateForge.leaf("CN=Signer")
        .signedBy(INTERMEDIATE)
        .with(
            Extension.authorityInfoAccess,
            false,
            new AuthorityInformationAccess(
                new AccessDescription[] {
                  new AccessDescription(AccessDescription.id_ad_caIssuers, name),
                  new AccessDescription(AccessDescription.id_ad_ocsp, name)
                }))
        .with(
            Extension.cRLDistributionPoints,
            false,
            new CRLDistPoint(
                new DistributionPoint[] {
                  new DistributionPoint(
                      new DistributionPointName(new GeneralNames(name)), null, null)
                }))
        .issue();
  }

  private CertificateVerifier verifier() throws Exception {
    return new CertificateVerifier(
        new CertificateVerificationSettings(
            List.of(ROOT.certificate().getEncoded()), ofJdk, List.of(), List.of(), time),
        BOUNDS,
        clock);
  }
}
