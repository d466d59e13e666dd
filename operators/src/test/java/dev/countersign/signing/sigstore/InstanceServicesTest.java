package dev.countersign.signing.sigstore;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.http.HttpSettings;
import dev.countersign.signing.IdentityTokenSource;
import dev.countersign.signing.SigningLimits;
import dev.countersign.signing.SigstoreLog;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.signing.SigstoreSigningSettings.ExpectedIdentity;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.TrustException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Services that an instance signs with. */
final class InstanceServicesTest {

  @Test
  void signingConfig_withATimestampAuthorityThatTheRootLacks_isRefused() throws Exception {
    String root = resource("trusted_root.json");

    assertThatCode(() -> new LibrarySigning().requireUsable(settings(root)))
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () ->
                new LibrarySigning()
                    .requireUsable(settings(root.replace("timestampAuthorities", "none"))))
        .isInstanceOf(TrustException.class)
        .hasMessage(
            "The signing config has a timestamp authority, but the trusted root has none that is"
                + " valid now, so that no signature would verify. Use trusted root and signing"
                + " config of the same Sigstore instance.");
  }

  private static SigstoreSigningSettings settings(String root) throws IOException {
    return new SigstoreSigningSettings(
        new IdentityTokenSource("", ""),
        ExpectedIdentity.ANY,
        new SigstoreInstance(
            file("root.json", root), file("config.json", resource("signing_config.v0.2.json"))),
        SigstoreLog.NEWEST,
        new HttpSettings(Duration.ofSeconds(1)),
        new SigningLimits(1, 1));
  }

  private static SigstoreFile file(String name, String content) {
    return new SigstoreFile(name, content.getBytes(StandardCharsets.UTF_8));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in =
        InstanceServicesTest.class.getResourceAsStream("/sigstore/public/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
