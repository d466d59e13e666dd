package dev.countersign.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.SplittableRandom;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.DLSequence;
import org.bouncycastle.asn1.DLSet;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CertificateDecoderTest {

  private static final byte[] DER = KeyFixtures.bytes("chain-root.der");
  private static final String NOT_ONE_VALUE = "it is not exactly one value in DER";
  private static final String NO_CERTIFICATE =
      "it is not an X.509 certificate that can be read here";

  @Test
  void decode_certificate_givesItWithItsBytes() throws Exception {
    X509Certificate certificate = CertificateDecoder.decode(DER);

    assertThat(certificate.getEncoded()).isEqualTo(DER);
    assertThat(certificate.getSubjectX500Principal().getName())
        .isEqualTo("CN=Countersign test root");
  }

  @Test
  void decode_bytesAfterIt_areRefused() {
    assertRefused(Arrays.copyOf(DER, DER.length + 1), NOT_ONE_VALUE);
    assertRefused(concatenated(DER, DER), NOT_ONE_VALUE);
  }

  @Test
  void decode_signatureWithUnusedBits_isRefused() throws Exception {
    ASN1Sequence certificate = ASN1Sequence.getInstance(DER);
    byte[] signature = ASN1BitString.getInstance(certificate.getObjectAt(2)).getOctets();
    signature[signature.length - 1] &= (byte) 0xfe;
    byte[] padded =
        new DERSequence(
                new ASN1Encodable[] {
                  certificate.getObjectAt(0),
                  certificate.getObjectAt(1),
                  new DERBitString(signature, 1)
                })
            .getEncoded(ASN1Encoding.DER);

    assertThat(
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(padded)))
        .as("what the JDK reads")
        .isNotNull();
    assertRefused(padded, NO_CERTIFICATE);
  }

  @Test
  void decode_cutOff_isRefused() {
    assertRefused(Arrays.copyOf(DER, DER.length - 1), NOT_ONE_VALUE);
    assertRefused(new byte[0], NOT_ONE_VALUE);
  }

  @Test
  void decode_indefiniteLength_isRefused() {
    // The outer SEQUENCE has two bytes of length; BER closes one of unknown length with two zeros.
    byte[] content = Arrays.copyOfRange(DER, 4, DER.length);
    byte[] ber = concatenated(concatenated(new byte[] {0x30, (byte) 0x80}, content), new byte[2]);

    assertRefused(ber, NOT_ONE_VALUE);
  }

  @Test
  void decode_longerLengthThanNeeded_isRefused() {
    byte[] content = Arrays.copyOfRange(DER, 4, DER.length);
    byte[] length = {0x30, (byte) 0x83, 0, DER[2], DER[3]};

    assertRefused(concatenated(length, content), NOT_ONE_VALUE);
  }

  @Test
  void decode_largerThanTheLimit_isRefused() {
    assertRefused(new byte[(1 << 16) + 1], "it is larger than 64 KiB, the limit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"p256-public.der", "test-only-p256.der"})
  void decode_otherDer_isRefused(String name) {
    assertRefused(KeyFixtures.bytes(name), NO_CERTIFICATE);
  }

  @Test
  void decode_pem_isRefused() {
    assertRefused(KeyFixtures.bytes("chain-root.pem"), NOT_ONE_VALUE);
    assertRefused("-----BEGIN CERTIFICATE-----".getBytes(US_ASCII), NOT_ONE_VALUE);
  }

  @Test
  void decode_pkcs7_isRefused() throws Exception {
    byte[] pkcs7 =
        PemReader.read(
                KeyFixtures.bytes("chain-pkcs7.pem"),
                new KeySource(KeySource.Role.CERTIFICATE_CHAIN, "chain-pkcs7.pem"))
            .get(0)
            .der();

    assertRefused(pkcs7, NO_CERTIFICATE);
  }

  @Test
  void decode_deeplyNestedAsn1_isRefused() {
    byte[] nested = new byte[60_000];
    for (int i = 0; i < nested.length; i += 2) {
      nested[i] = 0x30;
      nested[i + 1] = (byte) 0x80;
    }

    assertRefused(nested, NOT_ONE_VALUE);
  }

  @Test
  void decode_nameWhoseSetIsNotSorted_isTaken() throws Exception {
    byte[] der = certificateOf(unsortedName());

    X509Certificate certificate = CertificateDecoder.decode(der);

    assertThat(certificate.getEncoded()).isEqualTo(der);
    assertThat(certificate.getSubjectX500Principal().getName()).contains("O=z").contains("CN=a");
  }

  @Test
  void decode_changedBytes_giveTheDeclaredExceptionOnly() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    int taken = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] changed = DER.clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);

      try {
        assertThat(CertificateDecoder.decode(changed).getEncoded()).isEqualTo(changed);
        taken++;
      } catch (CertificateException e) {
        assertThat(e.getMessage()).isIn(NOT_ONE_VALUE, NO_CERTIFICATE);
      }
    }
    assertThat(taken).as("changes to the signature, for one").isPositive();
  }

  private static void assertRefused(byte[] der, String message) {
    assertThatThrownBy(() -> CertificateDecoder.decode(der))
        .isInstanceOf(CertificateException.class)
        .hasMessage(message);
  }

  private static X500Name unsortedName() {
    ASN1Encodable first = new DLSequence(pair(BCStyle.O, "z"));
    ASN1Encodable second = new DLSequence(pair(BCStyle.CN, "a"));
    return new X500Name(
        new RDN[] {RDN.getInstance(new DLSet(new ASN1Encodable[] {first, second}))});
  }

  private static ASN1Encodable[] pair(ASN1Encodable type, String value) {
    return new ASN1Encodable[] {type, new DERUTF8String(value)};
  }

  /** A certificate whose signature is nobody's. */
  private static byte[] certificateOf(X500Name name) throws Exception {
    AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
    generator.setSerialNumber(new ASN1Integer(BigInteger.ONE));
    generator.setSignature(algorithm);
    generator.setIssuer(name);
    generator.setSubject(name);
    generator.setStartDate(new Time(Date.from(Instant.parse("2020-01-01T00:00:00Z"))));
    generator.setEndDate(new Time(Date.from(Instant.parse("2040-01-01T00:00:00Z"))));
    generator.setSubjectPublicKeyInfo(
        SubjectPublicKeyInfo.getInstance(KeyFixtures.bytes("p256-public.der")));
    return new DERSequence(
            new ASN1Encodable[] {
              generator.generateTBSCertificate(), algorithm, new DERBitString(new byte[64])
            })
        .getEncoded(ASN1Encoding.DL);
  }

  private static byte[] concatenated(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
