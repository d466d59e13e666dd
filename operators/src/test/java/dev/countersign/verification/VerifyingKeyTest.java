package dev.countersign.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.KeyFixtures;
import dev.countersign.keys.PrivateKeyFile;
import dev.countersign.keys.PublicKeyFile;
import java.io.InputStream;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdDSAParameterSpec;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signatures that OpenSSL and Go made; the README in {@code resources/signatures} says how. */
final class VerifyingKeyTest {

  @ParameterizedTest
  @CsvSource({
    "p256, p256",
    "p384, p384",
    "p521, p521",
    "rsa2048, rsa2048",
    "rsa3072, rsa3072",
    "rsa4096, rsa4096",
    "ed25519, ed25519",
    "ed25519, ed25519ph",
  })
  void verifies_signatureOfOthers_isTrueForItsKeyAndMessageAlone(String key, String signature)
      throws Exception {
    byte[] made = resource(signature + ".sig");

    assertThat(key(key).verifies(message(), made)).isTrue();
    assertThat(key(key).verifies(SignedMessage.of("other".getBytes(UTF_8)), made)).isFalse();
    for (String other : new String[] {"p256", "p384", "p521", "rsa2048", "rsa4096", "ed25519"}) {
      assertThat(key(other).verifies(message(), made)).as(other).isEqualTo(other.equals(key));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "rsa2048, rsa2048-sha1",
    "rsa2048, rsa2048-sha384",
    "rsa2048, rsa2048-sha512",
    "rsa2048, rsa2048-pss",
    "rsa2048, rsa2048-bare-digest",
    "ed25519, ed25519ph-with-context",
  })
  void verifies_signatureInAnotherWay_isFalse(String key, String signature) throws Exception {
    assertThat(key(key).verifies(message(), resource(signature + ".sig"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa2048", "ed25519", "p256"})
  void verifies_severalSignaturesOfOneMessage_areEachJudged(String key) throws Exception {
    SignedMessage message = message();
    VerifyingKey verifying = key(key);
    byte[] good = resource(key + ".sig");
    byte[] bad = good.clone();
    bad[bad.length - 1] ^= 1;

    assertThat(verifying.verifies(message, good)).isTrue();
    assertThat(verifying.verifies(message, bad)).isFalse();
    assertThat(verifying.verifies(message, good)).isTrue();
  }

  /** Release 0.2.0 had EC keys alone, so its encoding is no other key's. */
  @ParameterizedTest
  @ValueSource(strings = {"rsa2048", "ed25519"})
  void verifies_encodingOfRelease020_isForPureEd25519AndNotForRsa(String key) throws Exception {
    byte[] encoding = "DSSEV1 4 type 7 b'payload'".getBytes(UTF_8);
    KeyPair pair =
        PrivateKeyFile.load(
                KeyFixtures.path("test-only-" + key + "-pkcs8.pem").toString(), Optional.empty())
            .pair();
    Signature signer = Signature.getInstance(key.equals("rsa2048") ? "SHA256withRSA" : "Ed25519");
    signer.initSign(pair.getPrivate());
    signer.update(encoding);
    byte[] signature = signer.sign();

    SignedMessage message = SignedMessage.ofRelease020("type", "payload".getBytes(UTF_8));

    assertThat(key(key).verifies(SignedMessage.of(encoding), signature)).isTrue();
    assertThat(key(key).verifies(message, signature)).isEqualTo(key.equals("ed25519"));
  }

  @Test
  void verifies_prehashedEncodingOfRelease020_isFalse() throws Exception {
    KeyPair pair =
        PrivateKeyFile.load(
                KeyFixtures.path("test-only-ed25519-pkcs8.pem").toString(), Optional.empty())
            .pair();
    Signature signer = Signature.getInstance("Ed25519");
    signer.setParameter(new EdDSAParameterSpec(true));
    signer.initSign(pair.getPrivate());
    signer.update("DSSEV1 4 type 7 b'payload'".getBytes(UTF_8));

    SignedMessage message = SignedMessage.ofRelease020("type", "payload".getBytes(UTF_8));

    assertThat(key("ed25519").verifies(message, signer.sign())).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"RSA, 1024", "RSASSA-PSS, 2048", "DSA, 2048", "X25519, 255", "Ed448, 448"})
  void of_otherKey_isEmpty(String algorithm, int size) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(size);

    assertThat(VerifyingKey.of(generator.generateKeyPair().getPublic())).isEmpty();
  }

  @Test
  void digest_ofMessage_isMadeOnce() {
    SignedMessage message = SignedMessage.of("message".getBytes(UTF_8));

    byte[] digest = message.digest(SignedMessage.SHA_256);

    assertThat(message.digest(SignedMessage.SHA_256)).isSameAs(digest);
    assertThat(message.ecdsaDigest(SignedMessage.SHA_256)).isSameAs(digest);
    assertThat(message.digest(SignedMessage.SHA_512)).hasSize(64);
  }

  @Test
  void digest_ofRelease020_isTheSameOnEveryCurve() {
    byte[] payload = "payload".getBytes(UTF_8);
    SignedMessage message = SignedMessage.ofRelease020("type", payload);

    assertThat(message.ecdsaDigest(SignedMessage.SHA_512))
        .isEqualTo(LegacyPae.digest("type", payload))
        .isSameAs(message.ecdsaDigest(SignedMessage.SHA_256));
    assertThat(message.pae()).isEmpty();
  }

  private static SignedMessage message() throws Exception {
    return SignedMessage.of(resource("message.txt"));
  }

  private static VerifyingKey key(String name) throws Exception {
    PublicKey key = PublicKeyFile.load(KeyFixtures.path(name + "-public.pem").toString());
    return VerifyingKey.of(key).orElseThrow();
  }

  private static byte[] resource(String name) throws Exception {
    try (InputStream in = VerifyingKeyTest.class.getResourceAsStream("/signatures/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
