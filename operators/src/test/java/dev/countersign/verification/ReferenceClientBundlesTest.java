package dev.countersign.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.keys.KeyHint;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Resource;
import dev.countersign.oms.SignatureMethod;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bundles of method key that other clients wrote, under {@code resources/bundles}. */
final class ReferenceClientBundlesTest {

  /** A line of {@code index.json}. */
  private record Case(String bundle, String key, String rootDigest) {
    @Override
    public String toString() {
      return bundle;
    }
  }

  static Stream<Case> bundlesOfOms1() throws IOException {
    return BundleFixtures.linesWith("key")
        .filter(line -> line.contains("rootDigest"))
        .map(
            line ->
                new Case(
                    BundleFixtures.field(line, "bundle"),
                    BundleFixtures.field(line, "key"),
                    BundleFixtures.field(line, "rootDigest")));
  }

  static Stream<Case> bundlesOfRelease020() throws IOException {
    return BundleFixtures.linesWith("key")
        .filter(line -> line.contains("\"0.2.0\""))
        .map(
            line ->
                new Case(
                    BundleFixtures.field(line, "bundle"), BundleFixtures.field(line, "key"), ""));
  }

  @ParameterizedTest
  @MethodSource("bundlesOfRelease020")
  void verify_release020UnderItsKey_givesItsFiles(Case bundle) throws Exception {
    KeyVerifier verifier = trusting(bundle.key());

    VerifiedBundle verified = verifier.verify(BundleFixtures.resource(bundle.bundle()));

    assertThat(verified.manifest().resources())
        .extracting(Resource::path)
        .contains(bundle.bundle().endsWith("names.sig") ? "it's.txt" : "tokenizer/vocab.json");
    assertThat(verified.method()).isEqualTo(SignatureMethod.KEY);
    assertThat(verified.signer())
        .isEqualTo(
            KeyHint.of(PublicKeyFile.read(BundleFixtures.resource(bundle.key()), bundle.key())));
  }

  @ParameterizedTest
  @MethodSource("bundlesOfRelease020")
  void verify_release020WithAChangedDigest_isABadSignature(Case bundle) throws Exception {
    KeyVerifier verifier = trusting(bundle.key());
    Bundle good = BundleJson.read(BundleFixtures.resource(bundle.bundle()), OmsBounds.defaults());
    byte[] payload = good.envelope().payload().clone();
    int digit = new String(payload, UTF_8).indexOf("\"sha256\": \"") + "\"sha256\": \"".length();
    payload[digit] = (byte) (payload[digit] == '0' ? '1' : '0');
    byte[] changed =
        BundleJson.write(
            new Bundle(
                good.material(),
                new Envelope(Envelope.PAYLOAD_TYPE, payload, good.envelope().signature(), "")));

    assertThatThrownBy(() -> verifier.verify(changed))
        .isInstanceOf(VerificationException.class)
        .extracting(thrown -> ((VerificationException) thrown).kind())
        .isEqualTo(VerificationException.Kind.BAD_SIGNATURE);
  }

  @ParameterizedTest
  @MethodSource("bundlesOfRelease020")
  void verify_release020UnderAnotherKey_isUntrusted(Case bundle) throws Exception {
    KeyVerifier verifier =
        trusting(bundle.key().equals("keys/p256.pem") ? "keys/p384.pem" : "keys/p256.pem");

    assertThatThrownBy(() -> verifier.verify(BundleFixtures.resource(bundle.bundle())))
        .isInstanceOf(VerificationException.class)
        .extracting(thrown -> ((VerificationException) thrown).kind())
        .isEqualTo(VerificationException.Kind.UNTRUSTED_SIGNER);
  }

  @ParameterizedTest
  @MethodSource("bundlesOfOms1")
  void verify_underItsKey_givesItsRootDigest(Case bundle) throws Exception {
    KeyVerifier verifier = trusting(bundle.key());

    VerifiedBundle verified = verifier.verify(BundleFixtures.resource(bundle.bundle()));

    assertThat(verified.manifest().rootDigest().hex()).isEqualTo(bundle.rootDigest());
    assertThat(verified.signer())
        .isEqualTo(
            KeyHint.of(PublicKeyFile.read(BundleFixtures.resource(bundle.key()), bundle.key())));
  }

  @ParameterizedTest
  @MethodSource("bundlesOfOms1")
  void verify_underAnotherKey_isUntrusted(Case bundle) throws Exception {
    KeyVerifier verifier =
        trusting(bundle.key().equals("keys/p256.pem") ? "keys/p384.pem" : "keys/p256.pem");

    assertThatThrownBy(() -> verifier.verify(BundleFixtures.resource(bundle.bundle())))
        .isInstanceOf(VerificationException.class)
        .extracting(thrown -> ((VerificationException) thrown).kind())
        .isEqualTo(VerificationException.Kind.UNTRUSTED_SIGNER);
  }

  private static KeyVerifier trusting(String key) throws Exception {
    return KeyVerifier.of(
        PublicKeyFile.read(BundleFixtures.resource(key), key), OmsBounds.defaults());
  }
}
