package dev.countersign.options.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.hashing.KernelChoice;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.options.Command;
import dev.countersign.options.UsageException;
import dev.countersign.pkcs11.Pkcs11Uri;
import dev.countersign.schemas.Operation;
import dev.countersign.signing.KeyFilePlace;
import dev.countersign.signing.TokenKeyPlace;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.reading.RangeSettings;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.verification.CertificateTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelRunOptionsTest {

  private static final Path HOME = Path.of("/home/user");

  @Test
  void settings_byDefault_areThePackagesOwn() {
    ModelRunOptions options = sign();
    PlanSettings plan = options.plan("run-1", null, null);

    assertThat(options.window()).isEqualTo(WindowSettings.defaults());
    assertThat(options.read()).isEqualTo(ReadSettings.defaults());
    assertThat(options.shardAlgorithm()).isEqualTo(ShardAlgorithm.CLIENT);
    assertThat(options.privateKey())
        .isEqualTo(new KeyFilePlace("/home/user/release.key", PassphraseSource.NONE));
    assertThat(options.services().timestamps()).isEmpty();
    assertThat(options.certificateTime()).isEqualTo(CertificateTime.NOW);
    assertThat(plan.operation()).isEqualTo(Operation.SIGN);
    assertThat(plan.runId()).isEqualTo("run-1");
    assertThat(plan.limits()).isEqualTo(PlanSettings.Limits.defaults());
    assertThat(plan.serialization().method()).isEqualTo(SerializationMethod.FILES);
    assertThat(plan.serialization().allowSymlinks()).isFalse();
    assertThat(plan.ignored().gitPaths()).isTrue();
    assertThat(plan.ignored().unsignedFiles()).isFalse();
    assertThat(plan.bundles().existing()).isEqualTo(ExistingBundle.REPLACE);
    assertThat(plan.folders().working()).isEqualTo("/home/user");
  }

  @Test
  void settings_fromOptions_areTheirs() {
    ModelRunOptions options =
        sign(
            "serialization", "shards",
            "shard-size", "1 MiB",
            "shard-algorithm", "spec",
            "hash-algorithm", "blake2b",
            "allow-symlinks", "true",
            "symlink-root", "../blobs",
            "ignore-paths", "logs",
            "ignore-git-paths", "false",
            "no-overwrite", "true",
            "password-file", "secret",
            "lanes", "3",
            "buffer-size", "64 KiB",
            "range-size", "1 MiB",
            "max-read-rate", "10 MiB",
            "retries", "5",
            "stall-timeout", "1 min",
            "window-models", "7",
            "planners", "2",
            "max-resources", "9",
            "max-bundle-size", "1 KiB",
            "max-depth", "5",
            "max-files", "6",
            "max-file-size", "7",
            "max-recorded-differences", "8");
    PlanSettings plan = options.plan("run-1", null, null);

    assertThat(plan.serialization().hash()).isEqualTo(HashAlgorithm.BLAKE2B);
    assertThat(plan.serialization().shardSize()).isEqualTo(1 << 20);
    assertThat(plan.serialization().allowSymlinks()).isTrue();
    assertThat(plan.folders().symlinkRoots()).containsExactly("/home/blobs");
    assertThat(plan.ignored().paths()).containsExactly("logs");
    assertThat(plan.ignored().gitPaths()).isFalse();
    assertThat(plan.bundles().existing()).isEqualTo(ExistingBundle.REFUSE);
    assertThat(plan.limits().bundle()).isEqualTo(new OmsBounds(1024, 9, 32, 4096, 16));
    assertThat(plan.limits().depth()).isEqualTo(5);
    assertThat(plan.limits().files()).isEqualTo(6);
    assertThat(plan.limits().fileBytes()).isEqualTo(7);
    assertThat(plan.limits().recordedDifferences()).isEqualTo(8);
    assertThat(options.shardAlgorithm()).isEqualTo(ShardAlgorithm.SPEC);
    assertThat(options.read())
        .isEqualTo(
            new ReadSettings(
                3,
                16,
                64 << 10,
                Duration.ofMinutes(1),
                false,
                KernelChoice.AUTO,
                new RangeSettings(1 << 20, 5),
                10 << 20));
    assertThat(options.window().models()).isEqualTo(7);
    assertThat(options.window().planners()).isEqualTo(2);
    assertThat(options.privateKey())
        .isEqualTo(
            new KeyFilePlace(
                "/home/user/release.key", new PassphraseSource("/home/user/secret", "")));
  }

  @Test
  void options_thatDontGoTogether_areRefusedByName() {
    assertRefused(
        "--no-overwrite does not go with --skip-signed",
        "no-overwrite",
        "true",
        "skip-signed",
        "true");
    assertRefused(
        "--password-file does not go with --password-env",
        "password-file",
        "f",
        "password-env",
        "E");
    assertRefused("--shard-size needs --serialization shards", "shard-size", "5");
    assertRefused(
        "--shard-size needs --serialization shards", "shard-size", "5", "serialization", "files");
    assertRefused("--shard-algorithm needs --serialization shards", "shard-algorithm", "spec");
    assertRefused("--symlink-root needs --allow-symlinks", "symlink-root", "d");
    assertRefused(
        "--planners is '0', but must be a whole number from 1 to 2147483647.", "planners", "0");
    assertRefused("--buffer-size is 2 GiB, but may be 1 GiB at most", "buffer-size", "2 GiB");
    assertRefused("--range-size is 1 KiB, but must be from 64 KiB to 1 GiB", "range-size", "1 KiB");
    assertRefused("--range-size is 2 GiB, but must be from 64 KiB to 1 GiB", "range-size", "2 GiB");
    assertRefused(
        "--max-read-rate is 1 KiB a second, but must be at least 64 KiB", "max-read-rate", "1 KiB");
  }

  @Test
  void switch_thatIsOff_goesWithAnything() {
    ModelRunOptions options = sign("no-overwrite", "false", "skip-signed", "true");

    assertThat(options.existingBundle()).isEqualTo(ExistingBundle.SKIP_IF_SIGNED);
  }

  @Test
  void verifying_withoutPublicKey_isRefused() {
    assertThatThrownBy(() -> new ModelRunOptions(values(Command.VERIFY_KEY), HOME))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--public-key FILE");
  }

  @Test
  void hadoopSettings_fromOptions_keepTheirEqualsSigns() {
    assertThat(
            HadoopOptions.of(values(Command.DIGEST, "fs-option", "fs.defaultFS=hdfs://a:1/?x=y")))
        .isEqualTo(Map.of("fs.defaultFS", "hdfs://a:1/?x=y"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fs.s3a.aws.credentials.provider=a.B",
        "fs.gs.auth.access.token.provider.impl=a.B",
        "fs.gs.auth.service.account.json.keyfile=/etc/key.json",
        "fs.azure.account.oauth2.token.file=/var/run/token",
        "fs.azure.account.oauth2.client.endpoint=https://login.example.com",
        "fs.azure.sas.token.provider.type=a.B",
        "fs.azure.sas.token.provider.type.account.dfs.core.windows.net=a.B",
        "hadoop.security.credential.provider.path=localjceks://file/a.jceks"
      })
  void hadoopSettings_thatNameWhereSecretsAre_areTaken(String setting) {
    assertThat(HadoopOptions.of(values(Command.DIGEST, "fs-option", setting))).hasSize(1);
  }

  @Test
  void hadoopSettings_thatAreSecretOrNone_areRefusedWithoutTheirValue() {
    for (String setting :
        List.of(
            "fs.s3a.secret.key=hunter2",
            "fs.s3a.bucket.lake.secret.key=hunter2",
            "fs.s3a.session.token=hunter2",
            "fs.s3a.encryption.key=hunter2",
            "fs.s3a.server-side-encryption.key=hunter2",
            "fs.s3a.bucket.lake.encryption.key=hunter2",
            "fs.s3a.proxy.password=hunter2",
            "fs.gs.auth.service.account.private.key=hunter2",
            "fs.gs.auth.client.secret=hunter2",
            "fs.gs.auth.refresh.token=hunter2",
            "fs.gs.encryption.key=hunter2",
            "fs.azure.account.key=hunter2",
            "fs.azure.account.key.x=hunter2",
            "fs.gs.storage.http.headers.Authorization=hunter2",
            "fs.azure.account.key.x.provider=hunter2",
            "FS.azure.Account.Key.x=hunter2",
            "fs.azure.account.oauth2.client.secret=hunter2",
            "fs.azure.account.oauth2.refresh.token=hunter2",
            "fs.azure.account.oauth2.user.password=hunter2",
            "fs.azure.sas.container.account=hunter2",
            "fs.azure.sas.fixed.token.account.dfs.core.windows.net=hunter2",
            "fs.azure.encryption.encoded.client-provided-key=hunter2",
            "hadoop.security.credential.clear-text=hunter2",
            "io.x=hunter2",
            "hunter2-free")) {
      assertThatThrownBy(() -> HadoopOptions.of(values(Command.DIGEST, "fs-option", setting)))
          .as(setting)
          .isInstanceOf(UsageException.class)
          .hasMessageStartingWith("--fs-option")
          .hasMessageNotContaining("hunter2");
    }
  }

  @Test
  void privateKey_ofAToken_isNamedWithoutItsPin() throws Exception {
    String uri = "pkcs11:token=t;object=k?module-name=softhsm2";

    ModelRunOptions options =
        new ModelRunOptions(
            values(
                Command.SIGN_PKCS11_KEY,
                "pkcs11-uri",
                uri,
                "pin-env",
                "RELEASE_PIN",
                "module-paths",
                "modules"),
            HOME);

    assertThat(options.operation()).isEqualTo(Operation.SIGN);
    assertThat(options.privateKey())
        .isEqualTo(
            new TokenKeyPlace(
                Pkcs11Uri.parse(uri),
                PassphraseSource.pin("", "RELEASE_PIN"),
                List.of("/home/user/modules")));
  }

  private static void assertRefused(String message, String... options) {
    assertThatThrownBy(() -> sign(options))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(message);
  }

  private static ModelRunOptions sign(String... options) {
    List<String> all = new ArrayList<>(List.of("private-key", "release.key"));
    all.addAll(List.of(options));
    return new ModelRunOptions(values(Command.SIGN_KEY, all.toArray(String[]::new)), HOME);
  }

  private static OptionValues values(Command command, String... options) {
    Map<String, List<String>> flags = new LinkedHashMap<>();
    for (int i = 0; i < options.length; i += 2) {
      flags.put(options[i], List.of(options[i + 1]));
    }
    return OptionValues.resolve(command, flags, Map.of(), ConfigEntries.NONE);
  }
}
