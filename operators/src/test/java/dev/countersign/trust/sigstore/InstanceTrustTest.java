package dev.countersign.trust.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreInstances;
import dev.countersign.trust.SigstoreLibraries;
import dev.countersign.trust.TrustException;
import dev.sigstore.trustroot.Service;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class InstanceTrustTest {

  private static final String ROOT = resource("trusted_root.json");
  private static final String CONFIG = resource("signing_config.v0.2.json");

  @Test
  void instance_ofTheTrustedRootAlone_hasNoServices() throws TrustException {
    InstanceTrust trust = InstanceTrust.of(instance(ROOT, null));

    assertThat(trust.trustedRoot().getCAs()).hasSize(2);
    assertThat(trust.trustedRoot().getTLogs()).hasSize(2);
    assertThat(trust.trustedRoot().getCTLogs()).hasSize(2);
    assertThat(trust.trustedRoot().getTSAs()).hasSize(1);
    assertThat(trust.signingConfig()).isEmpty();
  }

  @Test
  void instance_ofBothFiles_hasTrustAndServices() throws TrustException {
    InstanceTrust trust = InstanceTrust.of(instance(ROOT, CONFIG));

    assertThat(trust.signingConfig().orElseThrow().getCas())
        .extracting(Service::getUrl)
        .containsExactly(URI.create("https://fulcio.sigstore.dev"));
  }

  @Test
  void instance_ofAClientTrustConfig_hasTrustAndServices() throws TrustException {
    String both = clientTrustConfig("\"trustedRoot\":" + ROOT + ",\"signingConfig\":" + CONFIG);

    InstanceTrust trust = InstanceTrust.of(instance(both, both));

    assertThat(trust).isEqualTo(InstanceTrust.of(instance(ROOT, CONFIG)));
  }

  @Test
  void instance_ofAClientTrustConfigWithoutARoot_isRefused() {
    String config = clientTrustConfig("\"signingConfig\":" + CONFIG);

    assertRefused(config, config)
        .hasMessage(
            "Cannot use root.json as a trusted root: it has no 'trustedRoot'. Use the file that the"
                + " operator of the Sigstore instance publishes: a trusted root, a signing config,"
                + " or a client trust config, which contains both.");
  }

  @Test
  void instance_ofAClientTrustConfigWithoutServices_isRefusedForSigning() {
    String config = clientTrustConfig("\"trustedRoot\":" + ROOT);

    assertRefused(config, config)
        .hasMessageStartingWith(
            "Cannot use config.json as a signing config: it has no 'signingConfig'. Use");
  }

  @ParameterizedTest
  @CsvSource({
    "mediaType, x, Unsupported trusted root mediaType: x",
    "tlogs, logs, has no transparency log",
    "certificateAuthorities, authorities, has no certificate authority",
    "MIIB, !IIB, is not one in JSON",
    "MIIB, AIIB, Could not parse",
    "https://rekor.sigstore.dev, %%, Malformed escape pair",
  })
  void instance_ofADamagedRoot_isRefused(String present, String put, String expected) {
    String value =
        present.equals("mediaType")
            ? ROOT.replaceFirst("\"application/[^\"]*\"", '"' + put + '"')
            : ROOT.replace(present, put);

    assertRefused(value, null)
        .hasMessageStartingWith("Cannot use root.json as a trusted root: it ")
        .hasMessageContaining(expected);
  }

  @Test
  void instance_ofASigningConfigAsRoot_isRefused() {
    assertRefused(CONFIG, null).hasMessageContaining("Unsupported trusted root mediaType");
  }

  @Test
  void instance_ofARootAsSigningConfig_isRefused() {
    assertRefused(ROOT, ROOT).hasMessageContaining("Unsupported signing config mediaType");
  }

  @ParameterizedTest
  @CsvSource({"'', is not one in JSON", "[], is not one in JSON", "{}, no certificate authority"})
  void instance_ofAnotherFile_isRefused(String content, String expected) {
    assertRefused(content, null).hasMessageContaining(expected);
  }

  @Test
  void instance_thatIsNotUtf8_isRefused() {
    SigstoreFile file = new SigstoreFile("root.json", new byte[] {(byte) 0xff});

    assertThatThrownBy(() -> InstanceTrust.of(new SigstoreInstance(file, null)))
        .isInstanceOf(TrustException.class)
        .hasMessageContaining("it is not UTF-8");
  }

  @Test
  void instances_foundByName_checkTheFiles() throws TrustException {
    SigstoreInstances instances = SigstoreLibraries.load(SigstoreInstances.class);

    instances.requireUsable(instance(ROOT, CONFIG));

    assertThatThrownBy(() -> instances.requireUsable(instance("{}", null)))
        .isInstanceOf(TrustException.class);
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(String root, @Nullable String config) {
    return assertThatThrownBy(() -> InstanceTrust.of(instance(root, config)))
        .isInstanceOf(TrustException.class);
  }

  private static SigstoreInstance instance(String root, @Nullable String config) {
    return new SigstoreInstance(
        file("root.json", root), config == null ? null : file("config.json", config));
  }

  private static SigstoreFile file(String name, String content) {
    return new SigstoreFile(name, content.getBytes(StandardCharsets.UTF_8));
  }

  private static String clientTrustConfig(String fields) {
    return "{\"mediaType\":\"application/vnd.dev.sigstore.clienttrustconfig.v0.1+json\","
        + fields
        + "}";
  }

  private static String resource(String name) {
    try (InputStream in = InstanceTrustTest.class.getResourceAsStream("/sigstore/public/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
