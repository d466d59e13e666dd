package dev.countersign.signing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.keys.KeyFixtures;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.PrivateKeyFile;
import dev.countersign.verification.SignedMessage;
import dev.countersign.verification.VerifyingKey;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.EdDSAParameterSpec;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LoadedKeyTest {

  private static final byte[] MESSAGE = "message".getBytes(UTF_8);

  @ParameterizedTest
  @CsvSource({
    "p256, SHA256withECDSA",
    "p384, SHA384withECDSA",
    "p521, SHA512withECDSA",
    "rsa2048, SHA256withRSA",
    "rsa3072, SHA256withRSA",
    "rsa4096, SHA256withRSA",
  })
  void sign_message_isTheAlgorithmOfTheKey(String name, String algorithm) throws Exception {
    KeyPair pair = pair("test-only-" + name + "-pkcs8.pem");

    byte[] signature = LoadedKey.of(pair).sign(MESSAGE);

    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(pair.getPublic());
    verifier.update(MESSAGE);
    assertThat(verifier.verify(signature)).isTrue();
    assertThat(
            VerifyingKey.of(pair.getPublic())
                .orElseThrow()
                .verifies(SignedMessage.of(MESSAGE), signature))
        .isTrue();
  }

  @Test
  void sign_ed25519_isEd25519phAndNotEd25519() throws Exception {
    KeyPair pair = pair("test-only-ed25519-pkcs8.pem");

    byte[] signature = LoadedKey.of(pair).sign(MESSAGE);

    assertThat(verifiesEd25519(pair, signature, true)).isTrue();
    assertThat(verifiesEd25519(pair, signature, false)).isFalse();
  }

  @Test
  void of_keyThatModelsAreNotSignedWith_isRefused() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();

    assertThatThrownBy(() -> LoadedKey.of(pair))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("No key that signs models, but X");
  }

  @Test
  void sign_keysOfTwoPairsThatDoNotFit_saysWhichKey() throws Exception {
    KeyPair rsa = pair("test-only-rsa2048-pkcs8.pem");
    KeyPair ec = pair("test-only-p256-pkcs8.pem");
    LoadedKey mixed = LoadedKey.of(new KeyPair(rsa.getPublic(), ec.getPrivate()));

    assertThatThrownBy(() -> mixed.sign(MESSAGE))
        .isInstanceOf(SigningException.class)
        .hasMessage(
            "This JVM cannot sign with the key %s (SHA256withRSA).", KeyHint.of(rsa.getPublic()));
  }

  @Test
  void toString_ofKey_showsThePublicHintOnly() throws Exception {
    KeyPair pair = pair("test-only-ed25519-pkcs8.pem");

    assertThat(LoadedKey.of(pair)).hasToString("LoadedKey[" + KeyHint.of(pair.getPublic()) + "]");
  }

  private static boolean verifiesEd25519(KeyPair pair, byte[] signature, boolean prehashed)
      throws Exception {
    Signature verifier = Signature.getInstance("Ed25519");
    verifier.setParameter(new EdDSAParameterSpec(prehashed));
    verifier.initVerify(pair.getPublic());
    verifier.update(MESSAGE);
    return verifier.verify(signature);
  }

  private static KeyPair pair(String name) throws Exception {
    return PrivateKeyFile.read(KeyFixtures.bytes(name), name, Optional.empty()).pair();
  }
}
