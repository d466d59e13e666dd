package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeyMaterialTest {

  private static final Issued ROOT = CertificateForge.ca("CN=Root").issue();
  private static final Issued SIGNER = CertificateForge.leaf("CN=Signer").signedBy(ROOT).issue();

  @Test
  void chain_ofNamedCertificates_isTheKeysOwnAndThoseAboveItOnce() throws Exception {
    KeyMaterial key =
        material(List.of())
            .certified(
                der(SIGNER.certificate(), ROOT.certificate()),
                der(ROOT.certificate()),
                "signer.key");

    assertThat(key.certificates()).containsExactly(SIGNER.certificate(), ROOT.certificate());
    assertThat(key.toString()).isEqualTo("KeyMaterial[EC key, 2 certificates]");
  }

  @Test
  void chain_ofAKeyStore_isTheStores() throws Exception {
    KeyMaterial key =
        material(List.of(SIGNER.certificate()))
            .certified(List.of(), der(ROOT.certificate()), "signer.p12");

    assertThat(key.certificates()).containsExactly(SIGNER.certificate(), ROOT.certificate());
  }

  @Test
  void key_withoutACertificate_isRefused() {
    assertThatThrownBy(
            () -> material(List.of()).certified(List.of(), der(ROOT.certificate()), "signer.key"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use signer.key as a private key: it comes without a certificate. Name the"
                + " certificate of the key with 'signing-certificate', or give a PKCS#12 key store"
                + " that has it.");
  }

  @Test
  void key_withTheCertificateOfAnother_isRefused() {
    assertThatThrownBy(
            () -> material(List.of()).certified(der(ROOT.certificate()), List.of(), "signer.key"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("it is not the key of the certificate \"CN=Root\"")
        .hasMessageContaining("'signing-certificate'");
  }

  private static KeyMaterial material(List<X509Certificate> certificates) {
    return new KeyMaterial(SIGNER.keys(), certificates);
  }

  private static List<byte[]> der(X509Certificate... certificates)
      throws CertificateEncodingException {
    List<byte[]> encoded = new java.util.ArrayList<>();
    for (X509Certificate certificate : certificates) {
      encoded.add(certificate.getEncoded());
    }
    return encoded;
  }
}
