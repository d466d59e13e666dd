package dev.countersign.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyPairFilesTest {

  private static final String PASSPHRASE = "пароль 模型";

  @ParameterizedTest
  @ValueSource(strings = {"P-256", "P-384", "P-521"})
  void generate_curve_makesAPairOnItEachTimeAnother(String curve) {
    KeyPair one = KeyPairFiles.generate(curve);
    KeyPair two = KeyPairFiles.generate(curve);

    assertThat(EcCurve.of((ECKey) one.getPublic()).map(EcCurve::nistName)).contains(curve);
    assertThat(EcCurve.of((ECKey) one.getPrivate()).map(EcCurve::nistName)).contains(curve);
    assertThat(one.getPrivate()).isNotEqualTo(two.getPrivate());
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp256k1", "p-256", ""})
  void generate_otherCurve_isRefusedNamingOurs(String curve) {
    assertThatThrownBy(() -> KeyPairFiles.generate(curve))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There is no curve %s here; choose one of P-256, P-384, P-521", curve);
  }

  @ParameterizedTest
  @ValueSource(strings = {"p256", "p384", "p521"})
  void privatePem_ofOpensslsKey_isWhatOpensslWrote(String curve) throws Exception {
    byte[] file = KeyFixtures.bytes("test-only-" + curve + "-pkcs8.pem");
    KeyPair pair = PrivateKeyFile.read(file, "key", Optional.empty()).pair();

    byte[] pem = KeyPairFiles.privatePem(pair.getPrivate(), Optional.empty());

    assertThat(new String(pem, US_ASCII)).isEqualTo(new String(file, US_ASCII));
  }

  @ParameterizedTest
  @ValueSource(strings = {"P-256", "P-384", "P-521"})
  void privatePem_encrypted_readsBackWithItsPassphraseAlone(String curve) throws Exception {
    KeyPair pair = KeyPairFiles.generate(curve);

    byte[] pem = KeyPairFiles.privatePem(pair.getPrivate(), Optional.of(PASSPHRASE.toCharArray()));

    assertThat(new String(pem, US_ASCII)).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
    assertThat(
            PrivateKeyFile.read(pem, "key", Optional.of(PASSPHRASE.toCharArray()))
                .pair()
                .getPrivate())
        .isEqualTo(pair.getPrivate());
    assertThatThrownBy(() -> PrivateKeyFile.read(pem, "key", Optional.of("another".toCharArray())))
        .hasMessageContaining("the passphrase does not open it");
  }

  @Test
  void privatePem_encrypted_isOpenedByTheJdkToo() throws Exception {
    KeyPair pair = KeyPairFiles.generate("P-256");
    byte[] pem = KeyPairFiles.privatePem(pair.getPrivate(), Optional.of("plain".toCharArray()));
    String body = new String(pem, US_ASCII).replaceAll("-----[A-Z ]+-----", "");

    EncryptedPrivateKeyInfo info =
        new EncryptedPrivateKeyInfo(Base64.getMimeDecoder().decode(body));
    Cipher cipher = Cipher.getInstance("PBEWithHmacSHA256AndAES_256");
    cipher.init(
        Cipher.DECRYPT_MODE,
        SecretKeyFactory.getInstance("PBEWithHmacSHA256AndAES_256")
            .generateSecret(new PBEKeySpec("plain".toCharArray())),
        info.getAlgParameters());

    ECPrivateKey opened =
        (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(info.getKeySpec(cipher));
    assertThat(opened.getS()).isEqualTo(((ECPrivateKey) pair.getPrivate()).getS());
  }

  @Test
  void privatePem_encryptedTwice_hasAnotherSalt() {
    KeyPair pair = KeyPairFiles.generate("P-256");

    byte[] one = KeyPairFiles.privatePem(pair.getPrivate(), Optional.of("same".toCharArray()));
    byte[] two = KeyPairFiles.privatePem(pair.getPrivate(), Optional.of("same".toCharArray()));

    assertThat(one).isNotEqualTo(two);
  }

  @Test
  void privatePem_emptyPassphrase_isRefused() {
    KeyPair pair = KeyPairFiles.generate("P-256");

    assertThatThrownBy(() -> KeyPairFiles.privatePem(pair.getPrivate(), Optional.of(new char[0])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("An empty passphrase protects nothing");
  }

  @Test
  void privatePem_keyOfAnotherAlgorithm_isRefused() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();

    assertThatThrownBy(() -> KeyPairFiles.privatePem(pair.getPrivate(), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Not an EC key, but Ed");
  }
}
