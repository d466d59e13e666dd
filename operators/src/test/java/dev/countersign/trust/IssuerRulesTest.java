package dev.countersign.trust;

import static dev.countersign.trust.ChainAssertions.assertChain;
import static dev.countersign.trust.ChainAssertions.assertRefused;
import static dev.countersign.trust.ChainAssertions.trusting;
import static dev.countersign.trust.ChainAssertions.validate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.ChainException.Kind;
import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.RSAPublicKeySpec;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One test for each rule about algorithms, extensions and CAs, with its kind and its message. */
final class IssuerRulesTest {

  private static final String ISSUER_TO_ACT =
      " Have its issuer put that right, and the model signed again.";
  private static final ASN1ObjectIdentifier UNKNOWN =
      new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1");

  private final Issued root = CertificateForge.ca("CN=Root").issue();
  private final Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(root).issue();

  @ParameterizedTest
  @ValueSource(strings = {"MD5withRSA", "SHA1withRSA"})
  void leaf_signedOverABrokenDigest_isUnsuitable(String algorithm) {
    Issued rsaRoot = CertificateForge.ca("CN=RSA").keys(CertificateForge.rsa(2048)).issue();
    Issued weak = CertificateForge.leaf("CN=Weak").signedBy(rsaRoot).algorithm(algorithm).issue();

    assertRefused(
        Kind.UNSUITABLE,
        algorithm.startsWith("MD5")
            ? "The certificate CN=Weak relies on an algorithm that this JVM does not accept."
                + ISSUER_TO_ACT
            : "The certificate CN=Weak is signed with SHA1withRSA, which is broken or unknown;"
                + " SHA-256 or better is needed."
                + ISSUER_TO_ACT,
        trusting(rsaRoot),
        weak);
  }

  @Test
  void leaf_signedWithRsaPssOverSha1_isUnsuitable() {
    Issued rsaRoot = CertificateForge.ca("CN=RSA").keys(CertificateForge.rsa(2048)).issue();
    Issued weak = CertificateForge.leaf("CN=Weak").signedBy(rsaRoot).algorithm("PSS SHA-1").issue();

    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Weak is signed with RSASSA-PSS, which is broken or unknown; SHA-256 or"
            + " better is needed."
            + ISSUER_TO_ACT,
        trusting(rsaRoot),
        weak);
  }

  @Test
  void intermediate_signedOverSha1_isUnsuitable() {
    Issued weak = CertificateForge.ca("CN=Weak").signedBy(root).algorithm("SHA1withECDSA").issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(weak).issue();

    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Weak is signed with SHA1withECDSA, which is broken or unknown; SHA-256"
            + " or better is needed."
            + ISSUER_TO_ACT,
        trusting(root),
        signer,
        weak);
  }

  @Test
  void leaf_withASmallRsaKey_isUnsuitable() {
    Issued weak =
        CertificateForge.leaf("CN=Weak").keys(CertificateForge.rsa(1024)).signedBy(root).issue();
    String message =
        "The certificate CN=Weak has an RSA key of 1024 bits, and 2048 are needed." + ISSUER_TO_ACT;

    assertRefused(Kind.UNSUITABLE, message, trusting(root), weak);
    assertRefused(Kind.UNSUITABLE, message, trusting(weak), weak);
  }

  @Test
  void anchor_withASmallRsaKey_isUnsuitable() {
    Issued weak = CertificateForge.ca("CN=Weak").keys(CertificateForge.rsa(1024)).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(weak).issue();

    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Weak has an RSA key of 1024 bits, and 2048 are needed." + ISSUER_TO_ACT,
        trusting(weak),
        signer);
  }

  /** Checking one signature under such a key could take seconds. */
  @ParameterizedTest
  @MethodSource("costlyKeys")
  void authority_withACostlyRsaKey_isUnsuitable(RSAPublicKeySpec key, String problem)
      throws Exception {
    KeyPair costly =
        new KeyPair(
            KeyFactory.getInstance("RSA").generatePublic(key),
            CertificateForge.rsa(2048).getPrivate());
    Issued anchor = CertificateForge.ca("CN=Costly").keys(costly).issue();
    Issued between = CertificateForge.ca("CN=Costly").keys(costly).signedBy(root).issue();
    Issued belowAnchor = CertificateForge.leaf("CN=Signer").signedBy(anchor).issue();
    Issued belowBetween = CertificateForge.leaf("CN=Signer").signedBy(between).issue();
    String message = "The certificate CN=Costly " + problem + "." + ISSUER_TO_ACT;

    assertRefused(Kind.UNSUITABLE, message, trusting(anchor), belowAnchor);
    assertRefused(Kind.UNSUITABLE, message, trusting(root), belowBetween, between);
    assertThat(SignedRoutes.isSignedBy(belowBetween.certificate(), between.certificate()))
        .isFalse();
  }

  static Stream<Arguments> costlyKeys() {
    BigInteger exponent = BigInteger.valueOf(65_537);
    return Stream.of(
        Arguments.of(
            new RSAPublicKeySpec(odd(8_193), exponent),
            "has an RSA key of 8193 bits, and 8192 is the limit"),
        Arguments.of(
            new RSAPublicKeySpec(odd(2_048), odd(33)),
            "has an RSA key whose public exponent is 33 bits long, and 32 is the limit"),
        Arguments.of(
            new RSAPublicKeySpec(odd(2_048), BigInteger.valueOf(4)),
            "has an RSA key whose public exponent is 4, and it must be odd and at least 3"));
  }

  private static BigInteger odd(int bits) {
    return BigInteger.ONE.shiftLeft(bits - 1).setBit(0);
  }

  @Test
  void leaf_withAnUnknownCriticalExtension_isUnsuitable() {
    Issued odd =
        CertificateForge.leaf("CN=Odd")
            .with(UNKNOWN, true, DERNull.INSTANCE)
            .signedBy(root)
            .issue();
    String message =
        "The certificate CN=Odd has a critical extension that is not known here." + ISSUER_TO_ACT;

    assertRefused(Kind.UNSUITABLE, message, trusting(root), odd);
    assertRefused(Kind.UNSUITABLE, message, trusting(odd), odd);
  }

  @Test
  void intermediate_withAnUnknownCriticalExtension_isUnsuitable() {
    Issued odd =
        CertificateForge.ca("CN=Odd").with(UNKNOWN, true, DERNull.INSTANCE).signedBy(root).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(odd).issue();

    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Odd has a critical extension that is not known here." + ISSUER_TO_ACT,
        trusting(root),
        signer,
        odd);
  }

  @Test
  void leaf_withAnUnknownExtensionThatIsNotCritical_passes() throws Exception {
    Issued odd =
        CertificateForge.leaf("CN=Odd")
            .with(UNKNOWN, false, DERNull.INSTANCE)
            .signedBy(root)
            .issue();

    assertChain(validate(trusting(root), odd), root, odd);
  }

  @Test
  void issuer_withoutTheCaFlag_isUnsuitable() {
    Issued plain =
        CertificateForge.ca("CN=Plain").without(Extension.basicConstraints).signedBy(root).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(plain).issue();

    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Plain issued another certificate, but is not a CA certificate."
            + ISSUER_TO_ACT,
        trusting(root),
        signer,
        plain);
  }

  @Test
  void anchor_withoutTheCaFlag_isTrustedForItselfAlone() {
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(leaf).issue();

    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Leaf is not a CA certificate, so it is trusted only for itself, but it"
            + " issued another."
            + ISSUER_TO_ACT,
        trusting(leaf),
        signer);
  }

  @Test
  void issuer_withoutKeyCertSign_isUnsuitable() {
    Issued odd =
        CertificateForge.ca("CN=Odd").keyUsage(KeyUsage.digitalSignature).signedBy(root).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(odd).issue();
    String message =
        "The certificate CN=Odd issued another certificate, and its key usage lacks keyCertSign."
            + ISSUER_TO_ACT;

    assertRefused(Kind.UNSUITABLE, message, trusting(root), signer, odd);
    assertRefused(Kind.UNSUITABLE, message, trusting(odd), signer);
  }

  @Test
  void pathLength_ofAnIntermediate_holds() throws Exception {
    Issued upper = CertificateForge.ca("CN=Upper").pathLength(0).signedBy(root).issue();
    Issued lower = CertificateForge.ca("CN=Lower").signedBy(upper).issue();
    Issued below = CertificateForge.leaf("CN=Below").signedBy(lower).issue();
    Issued direct = CertificateForge.leaf("CN=Direct").signedBy(upper).issue();

    assertChain(validate(trusting(root), direct, upper), root, direct, upper);
    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Lower is one CA more than an issuer's path length allows."
            + ISSUER_TO_ACT,
        trusting(root),
        below,
        lower,
        upper);
  }

  @Test
  void pathLength_ofTheAnchor_holds() throws Exception {
    Issued top = CertificateForge.ca("CN=Top").pathLength(0).issue();
    Issued middle = CertificateForge.ca("CN=Middle").signedBy(top).issue();
    Issued below = CertificateForge.leaf("CN=Below").signedBy(middle).issue();
    Issued direct = CertificateForge.leaf("CN=Direct").signedBy(top).issue();

    assertChain(validate(trusting(top), direct), top, direct);
    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Top has more CAs below it than its path length allows." + ISSUER_TO_ACT,
        trusting(top),
        below,
        middle);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nameConstraints_ofIntermediateOrAnchor_hold(boolean ofAnchor) throws Exception {
    CertificateForge limited =
        CertificateForge.ca("O=Models,CN=Limited")
            .with(
                Extension.nameConstraints,
                true,
                new NameConstraints(
                    new GeneralSubtree[] {
                      new GeneralSubtree(new GeneralName(new X500Name("O=Models")))
                    },
                    null));
    Issued issuer = ofAnchor ? limited.issue() : limited.signedBy(root).issue();
    ChainValidator validator = ofAnchor ? trusting(issuer) : trusting(root);
    Issued inside = CertificateForge.leaf("CN=Inside,O=Models").signedBy(issuer).issue();
    Issued outside = CertificateForge.leaf("CN=Outside,O=Elsewhere").signedBy(issuer).issue();

    validate(validator, inside, issuer);
    assertRefused(
        Kind.UNSUITABLE,
        "The certificate CN=Outside,O=Elsewhere has a name that an issuer's name constraints do"
            + " not allow."
            + ISSUER_TO_ACT,
        validator,
        outside,
        issuer);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nameConstraints_onAllAttributesOfAMultiValuedName_hold(boolean ofAnchor) throws Exception {
    CertificateForge limited =
        CertificateForge.ca("CN=Limited")
            .with(
                Extension.nameConstraints,
                true,
                new NameConstraints(
                    new GeneralSubtree[] {
                      new GeneralSubtree(new GeneralName(GeneralName.rfc822Name, "example.org"))
                    },
                    null));
    Issued issuer = ofAnchor ? limited.issue() : limited.signedBy(root).issue();
    ChainValidator validator = ofAnchor ? trusting(issuer) : trusting(root);
    String email = "+1.2.840.113549.1.9.1=";
    Issued inside =
        CertificateForge.leaf("CN=Inside" + email + ia5("a@example.org")).signedBy(issuer).issue();
    Issued outside =
        CertificateForge.leaf("CN=Outside" + email + ia5("a@elsewhere.org"))
            .signedBy(issuer)
            .issue();

    validate(validator, inside, issuer);
    assertThatThrownBy(() -> validate(validator, outside, issuer))
        .isInstanceOfSatisfying(
            ChainException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUITABLE))
        .hasMessageContaining("has a name that an issuer's name constraints do not allow");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void excludedMailbox_withAPlusSign_isExcluded(boolean ofAnchor) throws Exception {
    GeneralSubtree mailbox =
        new GeneralSubtree(new GeneralName(GeneralName.rfc822Name, "a+b@example.org"));
    CertificateForge limited =
        CertificateForge.ca("CN=Limited")
            .with(
                Extension.nameConstraints,
                true,
                new NameConstraints(null, new GeneralSubtree[] {mailbox}));
    Issued issuer = ofAnchor ? limited.issue() : limited.signedBy(root).issue();
    ChainValidator validator = ofAnchor ? trusting(issuer) : trusting(root);
    String email = "CN=Leaf+1.2.840.113549.1.9.1=";

    validate(
        validator,
        CertificateForge.leaf(email + ia5("a@example.org")).signedBy(issuer).issue(),
        issuer);
    assertThatThrownBy(
            () ->
                validate(
                    validator,
                    CertificateForge.leaf(email + ia5("a+b@example.org")).signedBy(issuer).issue(),
                    issuer))
        .hasMessageContaining("has a name that an issuer's name constraints do not allow");
  }

  /** Returns an IA5String as it is written in a name. */
  private static String ia5(String text) throws IOException {
    return "#" + HexFormat.of().formatHex(new DERIA5String(text).getEncoded());
  }

  @Test
  void leaf_withCaFlagUnderPathLengthZero_passes() throws Exception {
    Issued top = CertificateForge.ca("CN=Top").pathLength(0).issue();
    Issued flagged =
        CertificateForge.leaf("CN=Flagged")
            .with(Extension.basicConstraints, true, new BasicConstraints(true))
            .signedBy(top)
            .issue();

    assertChain(validate(trusting(top), flagged), top, flagged);
  }
}
