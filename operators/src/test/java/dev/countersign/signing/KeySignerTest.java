package dev.countersign.signing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.keys.KeyFixtures;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Digest;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import dev.countersign.verification.KeyVerificationSettings;
import dev.countersign.verification.KeyVerifier;
import dev.countersign.verification.SignedMessage;
import dev.countersign.verification.VerificationException;
import dev.countersign.verification.VerifiedBundle;
import dev.countersign.verification.VerifyingKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdDSAParameterSpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeySignerTest {

  private static final byte[] MESSAGE = "message".getBytes(UTF_8);

  @ParameterizedTest
  @ValueSource(strings = {"p256", "p384", "p521", "rsa2048", "rsa3072", "rsa4096", "ed25519"})
  void sign_message_verifiesUnderThePublicFile(String curve) throws Exception {
    PublicKey key = PublicKeyFile.load(KeyFixtures.path(curve + "-public.pem").toString());
    try (KeySigner signer = signer("test-only-" + curve + "-pkcs8.pem")) {

      byte[] signature = signer.sign(MESSAGE);

      assertThat(verifies(key, MESSAGE, signature)).isTrue();
      assertThat(signer.identity()).isEqualTo(KeyHint.of(key));
      assertThat(signer.material()).isEqualTo(new PublicKeyHint(KeyHint.of(key)));
      assertThat(signer.method()).isEqualTo(SignatureMethod.KEY);
    }
  }

  @Test
  void sign_fromManyThreads_verifiesEverywhere() throws Exception {
    PublicKey key = PublicKeyFile.load(KeyFixtures.path("p256-public.pem").toString());
    try (KeySigner signer = signer("test-only-p256-pkcs8.pem")) {

      List<Boolean> verified =
          IntStream.range(0, 400)
              .parallel()
              .mapToObj(number -> ("message " + number).getBytes(UTF_8))
              .map(message -> verifies(key, message, sign(signer, message)))
              .toList();

      assertThat(verified).hasSize(400).containsOnly(true);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"p256", "p384", "p521", "rsa2048", "rsa3072", "rsa4096", "ed25519"})
  void bundle_ofManifest_verifiesUnderThePublicFileAlone(String curve) throws Exception {
    Manifest manifest = manifest();
    try (KeySigner signer = signer("test-only-" + curve + "-pkcs8.pem")) {

      Bundle bundle =
          new BundleSigner(signer, ShardAlgorithm.CLIENT, Optional.empty()).sign(manifest);

      byte[] json = BundleJson.write(bundle);
      VerifiedBundle verified = trusting(curve + "-public.pem").verify(json);
      assertThat(verified.manifest().rootDigest()).isEqualTo(manifest.rootDigest());
      assertThat(verified.payload()).isEqualTo(bundle.envelope().payload());
      assertThat(verified.signer()).isEqualTo(signer.identity());
      assertThat(bundle.envelope().keyid()).isEmpty();
      assertThatThrownBy(
              () ->
                  trusting(curve.equals("p256") ? "p384-public.pem" : "p256-public.pem")
                      .verify(json))
          .isInstanceOf(VerificationException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"p384", "rsa2048", "ed25519"})
  void bundle_verifiedUnderKeysOfAllKinds_namesTheOneThatSigned(String name) throws Exception {
    KeyVerifier verifier =
        trusting("p256-public.pem", "rsa2048-public.pem", "ed25519-public.pem", "p384-public.pem");
    try (KeySigner signer = signer("test-only-" + name + "-pkcs8.pem")) {

      byte[] json =
          BundleJson.write(
              new BundleSigner(signer, ShardAlgorithm.CLIENT, Optional.empty()).sign(manifest()));

      assertThat(verifier.verify(json).signer()).isEqualTo(signer.identity());
    }
  }

  /** Every release of the Go client verifies Ed25519ph under a certificate, and nothing else. */
  @Test
  void bundle_ofEd25519Certificate_isSignedWithEd25519ph(@TempDir Path folder) throws Exception {
    Path passphrase = Files.writeString(folder.resolve("passphrase"), "correct horse\n");
    CertificateSigningSettings settings =
        new CertificateSigningSettings(
            KeyFixtures.path("test-only-ed25519.p12").toString(),
            new PassphraseSource(passphrase.toString(), ""),
            List.of(),
            List.of());
    try (CertificateSigner signer = CertificateSigner.load(settings)) {
      Envelope envelope =
          new BundleSigner(signer, ShardAlgorithm.CLIENT, Optional.empty())
              .sign(manifest())
              .envelope();
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.setParameter(new EdDSAParameterSpec(true));
      verifier.initVerify(signer.certificate().orElseThrow());
      verifier.update(envelope.pae());

      assertThat(verifier.verify(envelope.signature())).isTrue();
    }
  }

  @Test
  void load_keyStore_opensItWithThePassphraseFile(@TempDir Path folder) throws Exception {
    Path passphrase = Files.writeString(folder.resolve("passphrase"), "correct horse\n");
    String store = KeyFixtures.path("test-only-p256-chain.p12").toString();

    try (KeySigner signer =
            KeySigner.load(
                new KeySigningSettings(store, new PassphraseSource(passphrase.toString(), "")));
        KeySigner plain = signer("test-only-p256-pkcs8.pem")) {
      assertThat(signer.identity()).isEqualTo(plain.identity());
    }
  }

  @Test
  void ownVerifier_ofSigner_trustsItAlone() throws Exception {
    try (KeySigner one = signer("test-only-p256-pkcs8.pem");
        KeySigner other = signer("test-only-p384-pkcs8.pem")) {
      byte[] json =
          BundleJson.write(
              new BundleSigner(one, ShardAlgorithm.CLIENT, Optional.empty()).sign(manifest()));

      assertThat(one.ownVerifier(OmsBounds.defaults()).verify(json).signer())
          .isEqualTo(one.identity());
      assertThatThrownBy(() -> other.ownVerifier(OmsBounds.defaults()).verify(json))
          .isInstanceOf(VerificationException.class)
          .extracting(thrown -> ((VerificationException) thrown).kind())
          .isEqualTo(VerificationException.Kind.UNTRUSTED_SIGNER);
    }
  }

  @Test
  void load_encryptedKey_opensItWithThePassphraseFile(@TempDir Path folder) throws Exception {
    Path passphrase = Files.writeString(folder.resolve("passphrase"), "correct horse\n");
    String key = KeyFixtures.path("test-only-p256-scrypt.pem").toString();

    try (KeySigner signer =
            KeySigner.load(
                new KeySigningSettings(key, new PassphraseSource(passphrase.toString(), "")));
        KeySigner plain = signer("test-only-p256-pkcs8.pem")) {
      assertThat(signer.identity()).isEqualTo(plain.identity());
    }
  }

  @Test
  void load_wrongPassphrase_doesNotShowIt(@TempDir Path folder) throws Exception {
    Path passphrase = Files.writeString(folder.resolve("passphrase"), "hunter2");
    String key = KeyFixtures.path("test-only-p256-scrypt.pem").toString();
    KeySigningSettings settings =
        new KeySigningSettings(key, new PassphraseSource(passphrase.toString(), ""));

    assertThatThrownBy(() -> KeySigner.load(settings))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("the passphrase does not open it")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void load_publicKey_isRefused() {
    String key = KeyFixtures.path("p256-public.pem").toString();

    assertThatThrownBy(() -> KeySigner.load(new KeySigningSettings(key, PassphraseSource.NONE)))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("it holds a public key");
  }

  @Test
  void toString_ofSigner_showsThePublicHintOnly() throws Exception {
    try (KeySigner signer = signer("test-only-p256-pkcs8.pem")) {
      assertThat(signer).hasToString("KeySigner[" + signer.identity() + "]");
    }
  }

  private static KeySigner signer(String name) throws KeyFormatException, SigningException {
    return KeySigner.load(
        new KeySigningSettings(KeyFixtures.path(name).toString(), PassphraseSource.NONE));
  }

  private static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
    return VerifyingKey.of(key).orElseThrow().verifies(SignedMessage.of(message), signature);
  }

  private static KeyVerifier trusting(String... names) throws KeyFormatException {
    List<String> pems = new ArrayList<>();
    for (String name : names) {
      pems.add(PublicKeyFile.pem(PublicKeyFile.load(KeyFixtures.path(name).toString())));
    }
    return KeyVerifier.of(new KeyVerificationSettings(pems), OmsBounds.defaults());
  }

  private static byte[] sign(KeySigner signer, byte[] message) {
    try {
      return signer.sign(message);
    } catch (SigningException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Manifest manifest() throws Exception {
    return Manifest.sorted(
        "model",
        Serialization.files(HashAlgorithm.SHA256),
        List.of(
            Resource.whole("b.bin", Digest.of(new byte[32])),
            Resource.whole("a.bin", Digest.of(HexFormat.of().parseHex("11".repeat(32))))));
  }
}
