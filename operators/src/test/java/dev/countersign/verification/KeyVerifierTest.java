package dev.countersign.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.keys.EcCurve;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Digest;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.oms.Statement;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.oms.VerificationMaterial.CertificateChain;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import dev.countersign.oms.VerificationMaterial.PublicKeyRaw;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyVerifierTest {

  private static final OmsBounds BOUNDS = OmsBounds.defaults();
  private static final KeyPair SIGNER = KeyPairFiles.generate("P-256");
  private static final KeyPair OTHER = KeyPairFiles.generate("P-384");

  @Test
  void verify_trustedSignature_givesTheSignedManifest() throws Exception {
    byte[] payload = payload();

    VerifiedBundle verified =
        trusting(SIGNER).verify(bundle(hint(SIGNER), payload, sign(payload, SIGNER)));

    assertThat(verified.manifest().modelName()).isEqualTo("model");
    assertThat(verified.manifest().resources()).extracting(Resource::name).containsExactly("a.bin");
    assertThat(verified.payload()).isEqualTo(payload);
    assertThat(verified.method()).isEqualTo(SignatureMethod.KEY);
    assertThat(verified.signer()).isEqualTo(KeyHint.of(SIGNER.getPublic()));
  }

  @Test
  void verify_severalTrustedKeys_namesTheOneThatSigned() throws Exception {
    byte[] payload = payload();

    VerifiedBundle verified =
        trusting(OTHER, SIGNER).verify(bundle(hint(SIGNER), payload, sign(payload, SIGNER)));

    assertThat(verified.signer()).isEqualTo(KeyHint.of(SIGNER.getPublic()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0000", "another key's"})
  void verify_hintOfNobody_countsForNothing(String hint) throws Exception {
    byte[] payload = payload();

    VerifiedBundle verified =
        trusting(OTHER, SIGNER)
            .verify(bundle(new PublicKeyHint(hint), payload, sign(payload, SIGNER)));

    assertThat(verified.signer()).isEqualTo(KeyHint.of(SIGNER.getPublic()));
  }

  @Test
  void verify_hintOfAnotherTrustedKey_namesTheOneThatSigned() throws Exception {
    byte[] payload = payload();

    VerifiedBundle verified =
        trusting(OTHER, SIGNER).verify(bundle(hint(OTHER), payload, sign(payload, SIGNER)));

    assertThat(verified.signer()).isEqualTo(KeyHint.of(SIGNER.getPublic()));
  }

  @Test
  void verify_changedPayloadUnderTrustedHint_isABadSignature() throws Exception {
    byte[] payload = payload();
    byte[] signature = sign(payload, SIGNER);
    byte[] changed = new String(payload, UTF_8).replace("a.bin", "b.bin").getBytes(UTF_8);

    assertRefused(
        bundle(hint(SIGNER), changed, signature),
        VerificationException.Kind.BAD_SIGNATURE,
        "The bundle names the trusted key "
            + KeyHint.of(SIGNER.getPublic())
            + ", and its signature is not that key's: the bundle was changed after it was signed,"
            + " or is a forgery. Fetch it from its producer again.");
  }

  @Test
  void verify_trustedHintOverAnothersSignature_isABadSignature() throws Exception {
    byte[] payload = payload();

    assertRefused(
        bundle(hint(SIGNER), payload, sign(payload, OTHER)),
        VerificationException.Kind.BAD_SIGNATURE,
        "its signature is not that key's");
  }

  @Test
  void verify_signatureThatIsNoDer_isABadSignature() throws Exception {
    assertRefused(
        bundle(hint(SIGNER), payload(), new byte[] {1, 2, 3}),
        VerificationException.Kind.BAD_SIGNATURE,
        "its signature is not that key's");
  }

  @Test
  void verify_strangersSignature_isUntrusted() throws Exception {
    byte[] payload = payload();

    assertRefused(
        bundle(hint(OTHER), payload, sign(payload, OTHER)),
        VerificationException.Kind.UNTRUSTED_SIGNER,
        "No trusted key signed the bundle, which names the key with the fingerprint "
            + KeyHint.of(OTHER.getPublic())
            + ". Trusted fingerprints: "
            + KeyHint.of(SIGNER.getPublic())
            + ". To trust its signer, add that public key with 'public-key'.");
  }

  @Test
  void verify_hintWithTerminalCommands_isShownEscaped() throws Exception {
    byte[] payload = payload();

    assertThatThrownBy(
            () ->
                trusting(SIGNER)
                    .verify(bundle(new PublicKeyHint("\u001b[2J"), payload, sign(payload, OTHER))))
        .isInstanceOf(VerificationException.class)
        .message()
        .contains("[2J")
        .doesNotContain("\u001b");
  }

  @Test
  void verify_rawKeyOfTheSigner_verifies() throws Exception {
    byte[] payload = payload();
    PublicKey key = SIGNER.getPublic();

    for (byte[] raw : List.of(PublicKeyFile.pem(key).getBytes(UTF_8), key.getEncoded())) {
      VerifiedBundle verified =
          trusting(SIGNER).verify(bundle(new PublicKeyRaw(raw), payload, sign(payload, SIGNER)));

      assertThat(verified.signer()).isEqualTo(KeyHint.of(key));
    }
  }

  @Test
  void verify_rawKeyThatIsTrustedOverAnothersSignature_isABadSignature() throws Exception {
    byte[] payload = payload();
    byte[] raw = PublicKeyFile.pem(SIGNER.getPublic()).getBytes(UTF_8);

    assertRefused(
        bundle(new PublicKeyRaw(raw), payload, sign(payload, OTHER)),
        VerificationException.Kind.BAD_SIGNATURE,
        "its signature is not that key's");
  }

  @Test
  void verify_rawKeyOfAStranger_isNotTrustedForBeingThere() throws Exception {
    byte[] payload = payload();
    byte[] raw = PublicKeyFile.pem(OTHER.getPublic()).getBytes(UTF_8);

    assertRefused(
        bundle(new PublicKeyRaw(raw), payload, sign(payload, OTHER)),
        VerificationException.Kind.UNTRUSTED_SIGNER,
        "No trusted key signed the bundle. Trusted fingerprints: ");
  }

  @Test
  void verify_certificateMaterial_isAnotherMethodEvenWithAGoodSignature() throws Exception {
    byte[] payload = payload();

    assertRefused(
        bundle(
            new CertificateChain(List.of(SIGNER.getPublic().getEncoded())),
            payload,
            sign(payload, SIGNER)),
        VerificationException.Kind.METHOD_MISMATCH,
        "The bundle was signed with a certificate, and a bare key cannot verify it. Verify it with"
            + " the method that it was signed with, or have the model signed with a bare key.");
  }

  @Test
  void verify_badSignatureOverBadStatement_failsForTheSignature() throws Exception {
    byte[] payload = "not even JSON".getBytes(UTF_8);

    assertRefused(
        bundle(hint(SIGNER), payload, sign(payload, OTHER)),
        VerificationException.Kind.BAD_SIGNATURE,
        "its signature is not that key's");
  }

  @Test
  void verify_goodSignatureOverBadStatement_isMalformed() throws Exception {
    byte[] payload = "not even JSON".getBytes(UTF_8);
    byte[] bundle = bundle(hint(SIGNER), payload, sign(payload, SIGNER));

    assertThatThrownBy(() -> trusting(SIGNER).verify(bundle))
        .isInstanceOf(OmsException.class)
        .extracting(thrown -> ((OmsException) thrown).kind())
        .isEqualTo(OmsException.Kind.MALFORMED);
  }

  @Test
  void verify_fromManyThreads_isTheSameEverywhere() throws Exception {
    byte[] payload = payload();
    byte[] good = bundle(hint(SIGNER), payload, sign(payload, SIGNER));
    byte[] bad = bundle(hint(SIGNER), payload, sign(payload, OTHER));
    KeyVerifier verifier = trusting(SIGNER, OTHER);

    List<String> signers =
        Stream.generate(() -> List.of(good, bad))
            .limit(200)
            .flatMap(List::stream)
            .parallel()
            .map(bundle -> signer(verifier, bundle))
            .toList();

    assertThat(signers)
        .hasSize(400)
        .containsOnly(KeyHint.of(SIGNER.getPublic()), KeyHint.of(OTHER.getPublic()));
    assertThat(signers.stream().filter(KeyHint.of(SIGNER.getPublic())::equals)).hasSize(200);
  }

  @Test
  void of_settings_readsEachKey() throws Exception {
    byte[] payload = payload();
    KeyVerificationSettings settings =
        new KeyVerificationSettings(
            List.of(PublicKeyFile.pem(OTHER.getPublic()), PublicKeyFile.pem(SIGNER.getPublic())));

    VerifiedBundle verified =
        KeyVerifier.of(settings, BOUNDS)
            .verify(bundle(hint(SIGNER), payload, sign(payload, SIGNER)));

    assertThat(verified.signer()).isEqualTo(KeyHint.of(SIGNER.getPublic()));
  }

  @Test
  void of_settingsWithABrokenKey_saysWhichOne() {
    KeyVerificationSettings settings =
        new KeyVerificationSettings(List.of(PublicKeyFile.pem(SIGNER.getPublic()), "no key"));

    assertThatThrownBy(() -> KeyVerifier.of(settings, BOUNDS))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageStartingWith("Cannot use public key 2 as a public key: it has no PEM block");
  }

  @Test
  void settings_withoutKeys_areRefused() {
    assertThatThrownBy(() -> new KeyVerificationSettings(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No public key to verify with; give 'public-key'");
  }

  private static String signer(KeyVerifier verifier, byte[] bundle) {
    try {
      return verifier.verify(bundle).signer();
    } catch (OmsException | VerificationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertRefused(byte[] bundle, VerificationException.Kind kind, String message)
      throws Exception {
    assertThatThrownBy(() -> trusting(SIGNER).verify(bundle))
        .isInstanceOf(VerificationException.class)
        .hasMessageContaining(message)
        .extracting(thrown -> ((VerificationException) thrown).kind())
        .isEqualTo(kind);
  }

  private static KeyVerifier trusting(KeyPair... pairs) throws KeyFormatException {
    List<String> pems = Stream.of(pairs).map(pair -> PublicKeyFile.pem(pair.getPublic())).toList();
    return KeyVerifier.of(new KeyVerificationSettings(pems), BOUNDS);
  }

  private static PublicKeyHint hint(KeyPair pair) {
    return new PublicKeyHint(KeyHint.of(pair.getPublic()));
  }

  private static byte[] bundle(VerificationMaterial material, byte[] payload, byte[] signature)
      throws OmsException {
    return BundleJson.write(
        new Bundle(material, new Envelope(Envelope.PAYLOAD_TYPE, payload, signature, "")));
  }

  private static byte[] payload() throws OmsException {
    Digest digest = Digest.of(new byte[32]);
    Manifest manifest =
        Manifest.sorted(
            "model",
            Serialization.files(HashAlgorithm.SHA256),
            List.of(Resource.whole("a.bin", digest)));
    return Statement.write(manifest, ShardAlgorithm.CLIENT);
  }

  private static byte[] sign(byte[] payload, KeyPair pair) throws Exception {
    EcCurve curve = EcCurve.of((ECPublicKey) pair.getPublic()).orElseThrow();
    Signature signature = Signature.getInstance(curve.signatureAlgorithm());
    signature.initSign(pair.getPrivate());
    signature.update(Envelope.pae(Envelope.PAYLOAD_TYPE, payload));
    return signature.sign();
  }
}
