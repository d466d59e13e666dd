package dev.countersign.jobs.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.oms.ContentDigest;
import dev.countersign.options.Command;
import dev.countersign.options.UsageException;
import dev.countersign.options.settings.ConfigEntries;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.trust.SigstoreSource;
import dev.countersign.verification.SettingsSource.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SigstoreTrustTest {

  /** Expires in the year 2100. */
  private static final String TOKEN =
      "e30."
          + Base64.getUrlEncoder()
              .encodeToString(
                  "{\"iss\":\"https://issuer.example\",\"exp\":4102444800}".getBytes(UTF_8))
          + ".e30";

  @TempDir Path folder;

  @Test
  void cacheFolder_withAnAbsoluteVariable_isBelowIt() {
    assertThat(InstanceSource.Published.cacheFolder(Map.of("XDG_CACHE_HOME", "/var/cache/jobs")))
        .isEqualTo(Path.of("/var/cache/jobs/countersign/sigstore"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cache"})
  void cacheFolder_withAnotherVariable_isInTheHomeFolder(String value) {
    assertThat(InstanceSource.Published.cacheFolder(Map.of("XDG_CACHE_HOME", value)))
        .isEqualTo(Path.of(System.getProperty("user.home"), ".cache/countersign/sigstore"));
  }

  /** The folder of a relative path may be anybody's, with a trusted root of theirs. */
  @Test
  void cacheFolder_ofAUserWithoutAHomeFolder_isRefused() {
    String home = System.setProperty("user.home", "?");
    try {
      assertThatThrownBy(() -> InstanceSource.Published.cacheFolder(Map.of()))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("Set XDG_CACHE_HOME");
    } finally {
      System.setProperty("user.home", home);
    }
  }

  @Test
  void instance_ofAWatchThatSigns_isReadAgainByPlannerAndSignersWhereItCanBeRead()
      throws Exception {
    Path config = config("2026-01-01T00:00:00Z");
    Path root = root("private");
    ModelRunOptions byPath = signing("root.json", "config.json");
    ModelRunOptions byUri = signing("file://" + root, "file://" + config);
    ModelRunOptions inPart = signing("file://" + root, "config.json");
    RunTrust here = RunTrust.of(byPath, true);
    RunTrust onCluster = RunTrust.of(byUri, false);

    SigstoreSource again = Objects.requireNonNull(settings(onCluster).again());
    config("2026-02-01T00:00:00Z");
    Files.delete(root);
    Reading unread = TrustFiles.of(byPath, here.trusted(), false).orElseThrow().readAgain(null);
    root("rekor2");

    assertThat(settings(RunTrust.of(byPath, false)).again()).isNull();
    assertThat(settings(RunTrust.of(inPart, false)).again()).isNull();
    assertThat(TrustFiles.of(inPart, onCluster.trusted(), true)).isEmpty();
    assertThat(unread.settings()).as("bundles of its own").isEqualTo(here.trusted());
    assertThat(unread.fault()).startsWith("--trusted-root: There is nothing at ");
    assertThat(again.read())
        .isEqualTo(settings(RunTrust.of(byUri, false)).instance())
        .isNotEqualTo(settings(onCluster).instance());
    assertThat(TrustFiles.of(byUri, onCluster.trusted(), true).orElseThrow().read())
        .isEqualTo(RunTrust.of(byUri, false).trusted());
    assertThat(ContentDigest.of(settings(here).identity()))
        .isEqualTo(ContentDigest.of(settings(RunTrust.of(byPath, true)).identity()));
  }

  private Path config(String since) throws IOException {
    return Files.writeString(
        folder.resolve("config.json"),
        "{\"mediaType\":\"application/vnd.dev.sigstore.signingconfig.v0.2+json\",\"caUrls\":"
            + service(since, 1)
            + ",\"rekorTlogUrls\":"
            + service(since, 1)
            + ",\"tsaUrls\":[],\"rekorTlogConfig\":{\"selector\":\"ANY\"},"
            + "\"tsaConfig\":{\"selector\":\"ANY\"}}");
  }

  private static String service(String since, int version) {
    return "[{\"url\":\"https://127.0.0.1/\",\"majorApiVersion\":"
        + version
        + ",\"validFor\":{\"start\":\""
        + since
        + "\"},\"operator\":\"o\"}]";
  }

  private ModelRunOptions signing(String root, String config) throws IOException {
    Map<String, List<String>> flags =
        Map.of(
            "identity",
            List.of("signer@example.com"),
            "identity-provider",
            List.of("https://issuer.example"),
            "identity-token-file",
            List.of(Files.writeString(folder.resolve("token"), TOKEN).toString()),
            "watch",
            List.of("30s"),
            "trusted-root",
            List.of(root),
            "signing-config",
            List.of(config));
    return new ModelRunOptions(
        OptionValues.resolve(Command.SIGN_SIGSTORE, flags, Map.of(), ConfigEntries.NONE), folder);
  }

  private static SigstoreSigningSettings settings(RunTrust trust) {
    return (SigstoreSigningSettings) trust.signing().orElseThrow();
  }

  private Path root(String instance) throws IOException {
    return Files.copy(
        Path.of("../operators/src/test/resources/sigstore", instance, "trusted_root.json"),
        folder.resolve("root.json"),
        StandardCopyOption.REPLACE_EXISTING);
  }
}
