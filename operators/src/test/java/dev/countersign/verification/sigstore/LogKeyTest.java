package dev.countersign.verification.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.countersign.trust.CertificateForge;
import dev.sigstore.proto.common.v1.PublicKey;
import dev.sigstore.proto.common.v1.PublicKeyDetails;
import dev.sigstore.proto.trustroot.v1.TransparencyLogInstance;
import dev.sigstore.trustroot.TransparencyLog;
import java.security.KeyPair;
import java.security.Security;
import java.security.spec.InvalidKeySpecException;
import java.util.List;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;

@SuppressWarnings("deprecation") // of keys in PKCS #1, which trusted roots may have
final class LogKeyTest {

  @Test
  void toJavaPublicKey_ofEachKind_isThatOfTheJdk() throws Exception {
    KeyPair ec = CertificateForge.ec("secp256r1");
    KeyPair rsa = CertificateForge.rsa(2048);
    KeyPair edwards = CertificateForge.ed25519();
    byte[] pkcs1 =
        SubjectPublicKeyInfo.getInstance(rsa.getPublic().getEncoded())
            .getPublicKeyData()
            .getOctets();

    assertThat(parsed(PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, ec.getPublic().getEncoded()))
        .isEqualTo(ec.getPublic());
    assertThat(parsed(PublicKeyDetails.PKIX_RSA_PKCS1V15_2048_SHA256, rsa.getPublic().getEncoded()))
        .isEqualTo(rsa.getPublic());
    assertThat(parsed(PublicKeyDetails.PKCS1_RSA_PKCS1V5, pkcs1)).isEqualTo(rsa.getPublic());
    assertThat(parsed(PublicKeyDetails.PKIX_ED25519, edwards.getPublic().getEncoded()))
        .isEqualTo(edwards.getPublic());
    assertThat(Security.getProvider("BC")).isNull();
  }

  @Test
  void toJavaPublicKey_ofWhatIsNoSuchKey_fails() {
    byte[] ec = CertificateForge.ec("secp384r1").getPublic().getEncoded();

    for (PublicKeyDetails kind :
        List.of(
            PublicKeyDetails.PKIX_ECDSA_P384_SHA_384,
            PublicKeyDetails.PKIX_ED25519,
            PublicKeyDetails.PKCS1_RSA_PKCS1V5)) {
      assertThatThrownBy(() -> parsed(kind, ec)).isInstanceOf(InvalidKeySpecException.class);
    }
  }

  private static java.security.PublicKey parsed(PublicKeyDetails kind, byte[] key)
      throws Exception {
    TransparencyLog log =
        TransparencyLog.from(
            TransparencyLogInstance.newBuilder()
                .setBaseUrl("https://log.test")
                .setPublicKey(
                    PublicKey.newBuilder()
                        .setRawBytes(ByteString.copyFrom(key))
                        .setKeyDetails(kind))
                .build());
    return LogKey.in(List.of(log)).get(0).getPublicKey().toJavaPublicKey();
  }
}
