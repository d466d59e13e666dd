package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.keys.CertificateDecoder;
import dev.countersign.keys.KeyFixtures;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PrivateKeyFile;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Any certificates have a chain that keeps the rules, or are a {@link ChainException}: the bytes
 * hold a leaf and up to three others, one after the other. The first byte says whether they are as
 * they are, or all signed anew with the anchor's key, which that of each certificate may be as
 * well.
 */
final class ChainValidatorFuzzTest {

  private static final int MAX_CERTIFICATES = 4;
  private static final KeyPair KEYS = keys();
  private static final List<X509Certificate> ANCHORS =
      List.of(
          CertificateForge.ca("CN=Root").keys(KEYS).withoutKeyIdentifiers().issue().certificate(),
          FuzzedTrust.certificate("/bundles/signers-1/root.pem"));
  private static final ChainValidator VALIDATOR =
      new ChainValidator(
          TrustAnchors.of(ANCHORS), CertificatePurpose.MODEL_SIGNING, RevocationLists.none());

  @FuzzTest
  void fuzz(byte[] input) throws GeneralSecurityException {
    if (input.length == 0) {
      return;
    }
    boolean signed = input[0] == 's';
    List<X509Certificate> certificates = new ArrayList<>();
    for (byte[] der : split(Arrays.copyOfRange(input, 1, input.length))) {
      decode(der, signed).ifPresent(certificates::add);
    }
    if (certificates.isEmpty()) {
      return;
    }
    Optional<ValidatedChain> chain = validate(certificates);
    if (chain.isPresent()) {
      check(chain.get(), certificates);
    }
  }

  private static Optional<ValidatedChain> validate(List<X509Certificate> certificates) {
    try {
      return Optional.of(
          VALIDATOR.validate(
              certificates.get(0),
              certificates.subList(1, certificates.size()),
              CertificateForge.NOW,
              CertificateForge.NOW));
    } catch (ChainException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return Optional.empty();
    }
  }

  private static void check(ValidatedChain chain, List<X509Certificate> certificates)
      throws GeneralSecurityException {
    assertThat(ANCHORS).as("who is trusted").contains(chain.anchor());
    assertThat(chain.path()).startsWith(certificates.get(0)).doesNotHaveDuplicates();
    assertThat(certificates).as("what came").containsAll(chain.path());
    for (int i = 0; i < chain.path().size(); i++) {
      X509Certificate certificate = chain.path().get(i);
      X509Certificate issuer =
          i + 1 < chain.path().size() ? chain.path().get(i + 1) : chain.anchor();
      certificate.verify(issuer.getPublicKey());
      assertThat(certificate.getIssuerX500Principal()).isEqualTo(issuer.getSubjectX500Principal());
      assertThat(issuer.getBasicConstraints()).as("CAs that may follow").isGreaterThanOrEqualTo(0);
      assertThat(certificate.getNotBefore().toInstant()).isBeforeOrEqualTo(CertificateForge.NOW);
      assertThat(certificate.getNotAfter().toInstant()).isAfterOrEqualTo(CertificateForge.NOW);
      assertThat(certificate.hasUnsupportedCriticalExtension()).isFalse();
    }
  }

  /** Returns as many values as their headers tell apart; the last may be of no sense. */
  private static List<byte[]> split(byte[] input) {
    List<byte[]> parts = new ArrayList<>();
    int from = 0;
    while (from < input.length && parts.size() < MAX_CERTIFICATES) {
      int to = (int) Math.min(input.length, from + lengthAt(input, from));
      parts.add(Arrays.copyOfRange(input, from, to));
      from = to;
    }
    return parts;
  }

  /** Returns the length of the value there with its header; that of all the rest if unclear. */
  private static long lengthAt(byte[] input, int from) {
    byte[] header = Arrays.copyOfRange(input, from, from + 4);
    return switch (header[1]) {
      case (byte) 0x81 -> 3L + (header[2] & 0xff);
      case (byte) 0x82 -> 4L + ((header[2] & 0xff) << Byte.SIZE | (header[3] & 0xff));
      default -> input.length;
    };
  }

  private static Optional<X509Certificate> decode(byte[] der, boolean signed)
      throws GeneralSecurityException {
    try {
      X509Certificate certificate = CertificateDecoder.decode(der);
      return Optional.of(
          signed
              ? CertificateDecoder.decode(
                  FuzzedTrust.signed(certificate.getTBSCertificate(), KEYS.getPrivate()))
              : certificate);
    } catch (CertificateException e) {
      return Optional.empty();
    }
  }

  private static KeyPair keys() {
    String name = "test-only-p256-pkcs8.pem";
    try {
      return PrivateKeyFile.read(KeyFixtures.bytes(name), name, Optional.empty()).pair();
    } catch (KeyFormatException e) {
      throw new IllegalStateException(e);
    }
  }
}
