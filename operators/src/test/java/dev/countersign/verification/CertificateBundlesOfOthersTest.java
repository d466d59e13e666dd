package dev.countersign.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.keys.CertificateFile;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.SignatureMethod;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bundles of method certificate that other clients wrote, under {@code resources/bundles}. */
final class CertificateBundlesOfOthersTest {

  /**
   * A line of {@code index.json}.
   *
   * @param expect why the bundle is refused; empty if it holds
   */
  private record Case(
      String bundle, String trust, String certificate, String rootDigest, String expect) {
    @Override
    public String toString() {
      return bundle;
    }
  }

  static Stream<Case> bundles() throws IOException {
    return BundleFixtures.linesWith("trust")
        .map(
            line ->
                new Case(
                    BundleFixtures.field(line, "bundle"),
                    BundleFixtures.field(line, "trust"),
                    BundleFixtures.field(line, "certificate"),
                    BundleFixtures.find(line, "rootDigest").orElse(""),
                    BundleFixtures.find(line, "expect").orElse("")));
  }

  static Stream<Case> bundlesThatHold() throws IOException {
    return bundles().filter(bundle -> bundle.expect().isEmpty());
  }

  static Stream<Case> bundlesThatDoNotHold() throws IOException {
    return bundles().filter(bundle -> !bundle.expect().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("bundlesThatHold")
  void verify_underItsAnchor_givesSignerAndRootDigest(Case bundle) throws Exception {
    VerifiedBundle verified =
        trusting(bundle.trust()).verify(BundleFixtures.resource(bundle.bundle()));

    assertThat(verified.method()).isEqualTo(SignatureMethod.CERTIFICATE);
    assertThat(verified.certified().orElseThrow().certificate())
        .isEqualTo(certificates(bundle.certificate()).get(0));
    if (!bundle.rootDigest().isEmpty()) {
      assertThat(verified.manifest().rootDigest().hex()).isEqualTo(bundle.rootDigest());
    }
  }

  @ParameterizedTest
  @MethodSource("bundlesThatHold")
  void verify_underAnotherRoot_isUntrusted(Case bundle) {
    assertRefused(bundle, "signers-1/other-root.pem", "UNTRUSTED_SIGNER");
  }

  @ParameterizedTest
  @MethodSource("bundlesThatHold")
  void verify_withAChangedPayload_isABadSignature(Case bundle) throws Exception {
    Bundle good = BundleJson.read(BundleFixtures.resource(bundle.bundle()), OmsBounds.defaults());
    byte[] payload = good.envelope().payload().clone();
    int digit = new String(payload, UTF_8).lastIndexOf("\"digest\"") + 12;
    payload[digit] ^= 1;
    byte[] changed =
        BundleJson.write(
            new Bundle(
                good.material(),
                new Envelope(Envelope.PAYLOAD_TYPE, payload, good.envelope().signature(), "")));

    assertThatThrownBy(() -> trusting(bundle.trust()).verify(changed))
        .isInstanceOfSatisfying(
            VerificationException.class,
            e -> assertThat(e.kind()).isEqualTo(VerificationException.Kind.BAD_SIGNATURE));
  }

  @ParameterizedTest
  @MethodSource("bundlesThatDoNotHold")
  void verify_ofWhatOnlyOthersAccept_isRefused(Case bundle) {
    assertRefused(bundle, bundle.trust(), bundle.expect());
  }

  private static void assertRefused(Case bundle, String trust, String kind) {
    assertThatThrownBy(() -> trusting(trust).verify(BundleFixtures.resource(bundle.bundle())))
        .isInstanceOfSatisfying(
            VerificationException.class, e -> assertThat(e.kind()).hasToString(kind));
  }

  private static CertificateVerifier trusting(String file) throws Exception {
    List<byte[]> anchors = new ArrayList<>();
    for (X509Certificate certificate : certificates(file)) {
      anchors.add(certificate.getEncoded());
    }
    return new CertificateVerifier(
        new CertificateVerificationSettings(
            anchors, false, List.of(), List.of(), CertificateTime.NOW),
        OmsBounds.defaults(),
        Clock.systemUTC());
  }

  private static List<X509Certificate> certificates(String file) throws Exception {
    return CertificateFile.read(
        BundleFixtures.resource(file), file, CertificateFile.Use.CERTIFICATE_CHAIN);
  }
}
