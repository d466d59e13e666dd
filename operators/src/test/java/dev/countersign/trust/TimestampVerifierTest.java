package dev.countersign.trust;

import static dev.countersign.trust.CertificateForge.NOW;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.trust.CertificateForge.Issued;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TimestampVerifierTest {

  private static final byte[] SIGNATURE = "a signature".getBytes(UTF_8);

  private final Issued root = CertificateForge.ca("CN=TSA Root").issue();
  private final Issued intermediate = CertificateForge.ca("CN=TSA CA").signedBy(root).issue();
  private final Issued authority =
      CertificateForge.timestampAuthority("CN=TSA").signedBy(intermediate).issue();

  @Test
  void timestamp_ofATrustedAuthority_verifies() throws Exception {
    byte[] response =
        TimestampForge.over(SIGNATURE, authority).enclosing(intermediate.certificate()).response();

    VerifiedTimestamp verified = trusting(root).verify(response, SIGNATURE);

    assertThat(verified)
        .isEqualTo(
            new VerifiedTimestamp(
                NOW,
                new ValidatedChain(
                    ChainAssertions.certificates(authority, intermediate), root.certificate())));
  }

  @Test
  void timestamp_thatEnclosesNothing_verifiesWithTheCallersCertificates() throws Exception {
    byte[] response = TimestampForge.over(SIGNATURE, authority).enclosingNothing().response();

    VerifiedTimestamp verified =
        trusting(root, intermediate, authority).verify(response, SIGNATURE);

    assertThat(verified.authority()).isEqualTo(authority.certificate());
  }

  @ParameterizedTest
  @CsvSource({"SHA-256", "SHA-384", "SHA-512"})
  void timestamp_overAStrongDigest_verifies(String digest) throws Exception {
    ASN1ObjectIdentifier oid =
        switch (digest) {
          case "SHA-256" -> TSPAlgorithms.SHA256;
          case "SHA-384" -> TSPAlgorithms.SHA384;
          default -> TSPAlgorithms.SHA512;
        };
    byte[] response = direct().imprint(oid, digest, SIGNATURE).response();

    assertThat(trusting(intermediate).verify(response, SIGNATURE).time()).isEqualTo(NOW);
  }

  @Test
  void timestamp_grantedWithModifications_verifies() throws Exception {
    byte[] response = direct().status(PKIStatus.GRANTED_WITH_MODS, "changed").response();

    assertThat(trusting(intermediate).verify(response, SIGNATURE).time()).isEqualTo(NOW);
  }

  @ParameterizedTest
  @CsvSource({"RSA", "Ed25519"})
  void timestamp_byAnotherKindOfKey_verifies(String kind) throws Exception {
    KeyPair keys = kind.equals("RSA") ? CertificateForge.rsa(2048) : CertificateForge.ed25519();
    Issued other =
        CertificateForge.timestampAuthority("CN=Other").keys(keys).signedBy(root).issue();
    byte[] response = TimestampForge.over(SIGNATURE, other).response();

    assertThat(trusting(root).verify(response, SIGNATURE).authority())
        .isEqualTo(other.certificate());
  }

  @ParameterizedTest
  @ValueSource(strings = {"openssl-ess-v1.tsr", "openssl-ess-v2.tsr"})
  void timestamp_byOpenssl_verifies(String name) throws Exception {
    X509Certificate opensslRoot =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(resource("openssl-root.pem")));
    TimestampVerifier verifier =
        new TimestampVerifier(TrustAnchors.of(List.of(opensslRoot)), RevocationLists.none());
    byte[] response = resource(name);

    VerifiedTimestamp verified = verifier.verify(response, SIGNATURE);

    assertThat(verified.anchor()).isEqualTo(opensslRoot);
    assertThat(verified.authority().getSubjectX500Principal().getName())
        .isEqualTo("CN=TSA,O=Countersign tests");
    assertThat(StatedTimestamp.read(response))
        .isEqualTo(
            new StatedTimestamp(
                verified.time(),
                "1.2.3.4.1",
                name.equals("openssl-ess-v1.tsr") ? "2" : "3",
                "CN=TSA,O=Countersign tests"));
  }

  @Test
  void timestamp_fromWhenItsAuthorityWasValid_verifies() throws Exception {
    Issued expired =
        CertificateForge.timestampAuthority("CN=Expired")
            .validity(NOW.minus(Duration.ofDays(20)), NOW.minus(Duration.ofDays(10)))
            .signedBy(root)
            .issue();
    byte[] response =
        TimestampForge.over(SIGNATURE, expired).at(NOW.minus(Duration.ofDays(15))).response();

    assertThat(trusting(root).verify(response, SIGNATURE).time())
        .isEqualTo(NOW.minus(Duration.ofDays(15)));
  }

  @Test
  void timestamp_fromAfterItsAuthorityExpired_isUntrusted() {
    Issued expired =
        CertificateForge.timestampAuthority("CN=Expired")
            .validity(NOW.minus(Duration.ofDays(20)), NOW.minus(Duration.ofDays(10)))
            .signedBy(root)
            .issue();

    assertRefused(
        "The timestamp is not to be relied on. The certificate CN=Expired expired on"
            + " 2026-02-19T12:00:00Z, and 2026-03-01T12:00:00Z counts. Have the model signed again,"
            + " or rely on a timestamp from when the certificate was valid"
            + " ('tsa-certificate-chain').",
        trusting(root),
        TimestampForge.over(SIGNATURE, expired).response());
  }

  @Test
  void timestamp_ofAStrangerWithARootOfItsOwn_isUntrusted() {
    Issued other = CertificateForge.ca("CN=Other").issue();

    assertRefused(
        "The timestamp is not to be relied on. No trusted certificate vouches for CN=TSA: the chain"
            + " ends at CN=TSA Root, which is not trusted. If it is to be trusted, name that"
            + " certificate with 'tsa-certificate-chain'.",
        trusting(other),
        direct().enclosing(intermediate.certificate(), root.certificate()).response());
  }

  @Test
  void timestamp_whoseAuthorityIsNotAtHand_isUntrusted() {
    assertRefused(
        "The timestamp does not enclose its authority's certificate (CN=TSA CA), and it is not a"
            + " trusted one. Name it with 'tsa-certificate-chain', and its issuer's as well.",
        trusting(root),
        direct().enclosingNothing().response());
  }

  @Test
  void certificateForSigningModels_signsNoTimestamps() {
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(root).issue();

    assertNoAuthority(signer, "CN=Signer");
  }

  @Test
  void certificateWithTimeStampingThatIsNotCritical_signsNoTimestamps() {
    Issued lax =
        CertificateForge.timestampAuthority("CN=Lax")
            .extendedKeyUsage(false, KeyPurposeId.id_kp_timeStamping)
            .signedBy(root)
            .issue();

    assertNoAuthority(lax, "CN=Lax");
  }

  @Test
  void certificateForMoreThanTimestamps_signsNoTimestamps() {
    Issued both =
        CertificateForge.timestampAuthority("CN=Both")
            .extendedKeyUsage(true, KeyPurposeId.id_kp_timeStamping, KeyPurposeId.id_kp_codeSigning)
            .signedBy(root)
            .issue();

    assertNoAuthority(both, "CN=Both");
  }

  @Test
  void timestampOfAnotherSignature_isRefused() {
    assertRefused(
        "The timestamp was given for another signature than the bundle's, so it says nothing of"
            + " this one. Fetch the bundle from its producer again.",
        trusting(intermediate),
        TimestampForge.over("another".getBytes(UTF_8), authority).response());
  }

  @Test
  void timestampOverSha1_isRefused() {
    assertRefused(
        "The timestamp is over a digest of the algorithm 1.3.14.3.2.26; SHA-256, SHA-384 and"
            + " SHA-512 are accepted. Have the model signed again.",
        trusting(intermediate),
        direct().imprint(TSPAlgorithms.SHA1, "SHA-1", SIGNATURE).response());
  }

  @Test
  void tokenSignedOverSha1_isRefused() {
    assertRefused(
        "The timestamp is signed over a digest that is broken or unknown (1.3.14.3.2.26); SHA-256"
            + " or better is needed. Use another timestamp authority.",
        trusting(intermediate),
        direct().algorithm("SHA1withECDSA").response());
  }

  /** The attacker's own key, under the name and number of the trusted authority. */
  @Test
  void tokenSignedByAnotherKey_isRefused() {
    Issued forged = new Issued(authority.certificate(), CertificateForge.ec("secp256r1"));

    assertRefused(notSigned("CN=TSA"), trusting(intermediate), response(forged));
  }

  @Test
  void tokenOfAnAuthorityWithACostlyRsaKey_isRefused() throws Exception {
    KeyPair costly =
        new KeyPair(
            KeyFactory.getInstance("RSA")
                .generatePublic(
                    new RSAPublicKeySpec(
                        BigInteger.ONE.shiftLeft(8_192).setBit(0), BigInteger.valueOf(65_537))),
            CertificateForge.rsa(2048).getPrivate());
    Issued huge =
        CertificateForge.timestampAuthority("CN=Huge").keys(costly).signedBy(intermediate).issue();

    assertRefused(
        "The timestamp's authority CN=Huge has an RSA key of 8193 bits, and 8192 is the limit. Use"
            + " another timestamp authority.",
        trusting(intermediate),
        TimestampForge.over(SIGNATURE, huge).response());
  }

  @Test
  void tokenWhoseAttributesNameAnotherCertificate_isRefused() {
    assertRefused(
        notSigned("CN=TSA"),
        trusting(intermediate),
        direct().naming(intermediate.certificate()).response());
  }

  @Test
  void refusalOfTheAuthority_isNoTimestamp() {
    assertRefused(
        "The timestamp is a refusal of the authority (status 2). Have the model signed again.",
        trusting(intermediate),
        direct().status(PKIStatus.REJECTION, "no").response());
  }

  @Test
  void criticalExtension_isRefused() {
    ASN1ObjectIdentifier unknown = new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1");
    Extensions extensions = new Extensions(extension(unknown));

    assertRefused(
        "The timestamp has the critical extension 1.3.6.1.4.1.99999.1, which is not known here."
            + " Have the model signed again.",
        trusting(intermediate),
        direct().extensions(extensions).response());
  }

  @Test
  void bytesBehindTheResponse_areRefused() {
    byte[] response = direct().response();

    assertRefused(
        "The timestamp is not an RFC 3161 response. Have the model signed again.",
        trusting(intermediate),
        Arrays.copyOf(response, response.length + 1));
  }

  @Test
  void responseInBer_isRefused() {
    byte[] response = direct().response();
    // An indefinite length in place of one in three bytes, and two zeros to end it.
    byte[] indefinite = new byte[response.length];
    indefinite[0] = 0x30;
    indefinite[1] = (byte) 0x80;
    System.arraycopy(response, 4, indefinite, 2, response.length - 4);

    assertRefused(
        "The timestamp is not DER. Have the model signed again.",
        trusting(intermediate),
        indefinite);
  }

  @Test
  void giantResponse_isRefused() {
    assertRefused(
        "The timestamp is larger than 64 KiB, the limit. Have the model signed again.",
        trusting(intermediate),
        new byte[(64 << 10) + 1]);
  }

  @Test
  void damagedTimestamps_areRefusedOrSayTheSame() throws Exception {
    TimestampVerifier verifier = trusting(intermediate);
    byte[] response = direct().response();
    SplittableRandom random = new SplittableRandom(5);

    for (int i = 0; i < 400; i++) {
      byte[] damaged = response.clone();
      damaged[random.nextInt(response.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        // What is not signed may change: other certificates, or the status granted to the next.
        VerifiedTimestamp verified = verifier.verify(damaged, SIGNATURE);
        assertThat(verified.time()).as("change %d", i).isEqualTo(NOW);
        assertThat(verified.authority()).isEqualTo(authority.certificate());
      } catch (TimestampException e) {
        assertThat(e.getMessage()).as("change %d", i).startsWith("The timestamp ");
      }
    }
  }

  private TimestampForge direct() {
    return TimestampForge.over(SIGNATURE, authority);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = TimestampVerifierTest.class.getResourceAsStream("/timestamps/" + name)) {
      return in.readAllBytes();
    }
  }

  private static byte[] response(Issued by) {
    return TimestampForge.over(SIGNATURE, by).response();
  }

  private static Extension extension(ASN1ObjectIdentifier oid) {
    return new Extension(oid, true, new byte[] {5, 0});
  }

  private static TimestampVerifier trusting(Issued... anchors) {
    return new TimestampVerifier(
        TrustAnchors.of(ChainAssertions.certificates(anchors)), RevocationLists.none());
  }

  private static String notSigned(String authority) {
    return "The timestamp is not signed by the authority that it names, "
        + authority
        + ": it was changed after it was signed, or is a forgery. Fetch the bundle from its"
        + " producer again.";
  }

  private void assertNoAuthority(Issued signer, String name) {
    assertRefused(
        "The timestamp is not to be relied on. The certificate "
            + name
            + " is not for signing timestamps: its extended key usage must be critical, and"
            + " timeStamping alone. Use another timestamp authority.",
        trusting(root),
        response(signer));
  }

  private static void assertRefused(String message, TimestampVerifier verifier, byte[] response) {
    TimestampException refusal =
        catchThrowableOfType(TimestampException.class, () -> verifier.verify(response, SIGNATURE));

    assertThat(refusal).as("refusal").isNotNull().hasMessage(message);
  }
}
