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
import dev.countersign.oms.Statement;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the signature form of release 0.2.0 is good for, and what it must not be. */
final class LegacyBundlesTest {

  private static final OmsBounds BOUNDS = OmsBounds.defaults();
  private static final String OLD_PREDICATE = "https://model_signing/Digests/v0.1";
  private static final KeyPair SIGNER = KeyPairFiles.generate("P-256");
  private static final KeyPair OTHER = KeyPairFiles.generate("P-384");

  @Test
  void verify_legacyEncodingOfAPresentStatement_isABadSignature() throws Exception {
    byte[] payload = payload();

    assertRefused(
        bundle(hint(SIGNER), payload, signLegacy(payload, SIGNER)),
        VerificationException.Kind.BAD_SIGNATURE,
        "its signature is not that key's");
  }

  /** The old predicate stands in the text, but is not what the statement says it is. */
  @Test
  void verify_legacyEncodingOfAPresentStatementThatMentionsTheOldPredicate_isUnsupported()
      throws Exception {
    byte[] payload = edited(payload(), "{\"_type\"", "{\"x\":\"" + OLD_PREDICATE + "\",\"_type\"");

    assertUnsupported(
        bundle(hint(SIGNER), payload, signLegacy(payload, SIGNER)),
        "a predicate of type \"https://model_signing/signature/v1.0\"; only \""
            + OLD_PREDICATE
            + "\" is supported with a signature of this form.");
  }

  @Test
  void verify_legacyEncodingOfTheOldStatementOnAnyCurve_givesItsFiles() throws Exception {
    byte[] payload = oldPayload("a.bin");

    for (KeyPair pair : List.of(SIGNER, OTHER, KeyPairFiles.generate("P-521"))) {
      VerifiedBundle verified =
          trusting(SIGNER, pair).verify(bundle(hint(pair), payload, signLegacy(payload, pair)));

      assertThat(verified.manifest().resources())
          .extracting(Resource::name)
          .containsExactly("a.bin");
      assertThat(verified.payload()).isEqualTo(payload);
      assertThat(verified.signer()).isEqualTo(KeyHint.of(pair.getPublic()));
    }
  }

  /** As the Go client has it; no client signs such. */
  @Test
  void verify_pureEd25519OverTheLegacyEncoding_givesTheOldStatementsFilesAlone() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] old = oldPayload("a.bin");
    byte[] present = payload();

    VerifiedBundle verified =
        trusting(pair).verify(bundle(hint(pair), old, signPureLegacy(old, pair)));

    assertThat(verified.manifest().resources()).extracting(Resource::name).containsExactly("a.bin");
    byte[] mixed = bundle(hint(pair), present, signPureLegacy(present, pair));
    assertThatThrownBy(() -> trusting(pair).verify(mixed))
        .isInstanceOf(VerificationException.class)
        .hasMessageContaining("its signature is not that key's");
  }

  @Test
  void verify_presentEncodingOfTheOldStatement_isUnsupported() throws Exception {
    byte[] payload = oldPayload("a.bin");

    assertUnsupported(
        bundle(hint(SIGNER), payload, sign(payload, SIGNER)),
        "a predicate of type \""
            + OLD_PREDICATE
            + "\"; only \"https://model_signing/signature/v1.0\" is supported with a signature of"
            + " this form.");
  }

  @Test
  void verify_changedOldStatement_isABadSignature() throws Exception {
    byte[] signature = signLegacy(oldPayload("a.bin"), SIGNER);

    assertRefused(
        bundle(hint(SIGNER), oldPayload("b.bin"), signature),
        VerificationException.Kind.BAD_SIGNATURE,
        "its signature is not that key's");
  }

  @Test
  void verify_legacyEncodingByAStranger_isUntrusted() throws Exception {
    byte[] payload = oldPayload("a.bin");

    assertRefused(
        bundle(hint(OTHER), payload, signLegacy(payload, OTHER)),
        VerificationException.Kind.UNTRUSTED_SIGNER,
        "No trusted key signed the bundle");
  }

  /** The digest of another curve than the old release took: neither encoding's signature. */
  @Test
  void verify_legacyEncodingUnderTheCurvesOwnDigest_isABadSignature() throws Exception {
    byte[] payload = oldPayload("a.bin");
    Signature signature = Signature.getInstance("SHA384withECDSA");
    signature.initSign(OTHER.getPrivate());
    signature.update(
        ("DSSEV1 28 " + Envelope.PAYLOAD_TYPE + " " + payload.length + " b'").getBytes(UTF_8));
    signature.update(payload);
    signature.update((byte) '\'');

    assertThatThrownBy(() -> trusting(OTHER).verify(bundle(hint(OTHER), payload, signature.sign())))
        .isInstanceOf(VerificationException.class)
        .hasMessageContaining("its signature is not that key's");
  }

  @Test
  void verify_oldStatementWithABadName_failsForTheNameOnceSigned() throws Exception {
    byte[] payload = oldPayload("../a.bin");
    byte[] signed = bundle(hint(SIGNER), payload, signLegacy(payload, SIGNER));

    assertThatThrownBy(() -> trusting(SIGNER).verify(signed))
        .isInstanceOf(OmsException.class)
        .hasMessageContaining("has the segment \"..\"")
        .extracting(thrown -> ((OmsException) thrown).kind())
        .isEqualTo(OmsException.Kind.NAME);
    assertRefused(
        bundle(hint(SIGNER), payload, signLegacy(payload, OTHER)),
        VerificationException.Kind.BAD_SIGNATURE,
        "its signature is not that key's");
  }

  private static void assertRefused(byte[] bundle, VerificationException.Kind kind, String message)
      throws Exception {
    assertThatThrownBy(() -> trusting(SIGNER).verify(bundle))
        .isInstanceOf(VerificationException.class)
        .hasMessageContaining(message)
        .extracting(thrown -> ((VerificationException) thrown).kind())
        .isEqualTo(kind);
  }

  private static void assertUnsupported(byte[] bundle, String message) throws Exception {
    assertThatThrownBy(() -> trusting(SIGNER).verify(bundle))
        .isInstanceOf(OmsException.class)
        .hasMessageContaining(message)
        .extracting(thrown -> ((OmsException) thrown).kind())
        .isEqualTo(OmsException.Kind.UNSUPPORTED_PREDICATE);
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

  /** A statement as release 0.2.0 laid it out. */
  private static byte[] oldPayload(String name) {
    return ("{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\""
            + name
            + "\",\"digest\":{\"sha256\":\""
            + "00".repeat(32)
            + "\"}}],\"predicateType\":\""
            + OLD_PREDICATE
            + "\",\"predicate\":{}}")
        .getBytes(UTF_8);
  }

  private static byte[] edited(byte[] payload, String from, String to) {
    String text = new String(payload, UTF_8);
    assertThat(text).as("what the edit replaces").contains(from);
    return text.replace(from, to).getBytes(UTF_8);
  }

  /** Signs as release 0.2.0 did. */
  private static byte[] signLegacy(byte[] payload, KeyPair pair) throws Exception {
    Signature signature = Signature.getInstance("NONEwithECDSA");
    signature.initSign(pair.getPrivate());
    signature.update(LegacyPae.digest(Envelope.PAYLOAD_TYPE, payload));
    return signature.sign();
  }

  private static byte[] signPureLegacy(byte[] payload, KeyPair pair) throws Exception {
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(pair.getPrivate());
    signature.update(LegacyPae.encode(Envelope.PAYLOAD_TYPE, payload).orElseThrow());
    return signature.sign();
  }

  private static byte[] sign(byte[] payload, KeyPair pair) throws Exception {
    EcCurve curve = EcCurve.of((ECPublicKey) pair.getPublic()).orElseThrow();
    Signature signature = Signature.getInstance(curve.signatureAlgorithm());
    signature.initSign(pair.getPrivate());
    signature.update(Envelope.pae(Envelope.PAYLOAD_TYPE, payload));
    return signature.sign();
  }
}
