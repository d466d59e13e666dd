package dev.countersign.options.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.options.UsageException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.alias.CredentialProvider;
import org.apache.hadoop.security.alias.CredentialProviderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlinkS3Test {

  private static final List<String> LAKE = List.of("/lake", "s3a://lake/results", "hdfs://nn/x");

  @Test
  void settings_ofHadoop_haveFlinksNames() {
    Map<String, String> flink =
        FlinkS3.settings(
            LAKE,
            Map.of(
                "fs.s3a.endpoint", "minio:9000",
                "fs.s3a.connection.ssl.enabled", "false",
                "fs.s3a.endpoint.region", "eu-west-1",
                "fs.s3a.path.style.access", "true",
                "fs.s3a.connection.maximum", "20",
                "fs.s3a.attempts.maximum", "4",
                "fs.s3a.access.key", "key",
                "fs.s3a.secret.key", "secret",
                "fs.s3a.encryption.algorithm", "SSE-KMS",
                "fs.s3a.encryption.key", "arn:key"));

    assertThat(flink)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "s3.endpoint", "http://minio:9000",
                "s3.region", "eu-west-1",
                "s3.path-style-access", "true",
                "s3.connection.max", "20",
                "s3.retry.max-num-retries", "4",
                "s3.access-key", "key",
                "s3.secret-key", "secret",
                "s3.sse.type", "sse-kms",
                "s3.sse.kms.key-id", "arn:key"));
  }

  @Test
  void encryption_underHadoopsOlderNames_isTaken() {
    assertThat(
            FlinkS3.settings(
                LAKE,
                Map.of(
                    "fs.s3a.server-side-encryption-algorithm", "SSE-KMS",
                    "fs.s3a.server-side-encryption.key", "arn:key")))
        .containsEntry("s3.sse.type", "sse-kms")
        .containsEntry("s3.sse.kms.key-id", "arn:key");
  }

  @Test
  void role_takenByAProviderOfTheSite_isRefused() {
    Map<String, String> hadoop =
        Map.of(
            "fs.s3a.aws.credentials.provider",
            "org.apache.hadoop.fs.s3a.auth.AssumedRoleCredentialProvider",
            "fs.s3a.assumed.role.arn",
            "arn:role",
            "fs.s3a.assumed.role.credentials.provider",
            "org.example.Own");

    assertThatThrownBy(() -> FlinkS3.settings(LAKE, hadoop))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("fs.s3a.assumed.role.credentials.provider is set");
  }

  @Test
  void settings_ofTheBucket_areTakenBeforeThoseOfAll() {
    Map<String, String> flink =
        FlinkS3.settings(
            LAKE,
            Map.of(
                "fs.s3a.endpoint", "https://all",
                "fs.s3a.bucket.lake.endpoint", "https://own",
                "fs.s3a.bucket.other.endpoint", "https://other"));

    assertThat(flink).containsExactly(Map.entry("s3.endpoint", "https://own"));
  }

  @Test
  void settings_withoutAny_areFlinksOwn() {
    assertThat(FlinkS3.settings(LAKE, Map.of())).isEmpty();
    assertThat(FlinkS3.settings(List.of("hdfs://nn/x"), Map.of("fs.s3a.proxy.host", "p")))
        .isEmpty();
  }

  @Test
  void secrets_mayComeFromACredentialProvider(@TempDir java.nio.file.Path folder) throws Exception {
    String path = "localjceks://file" + folder.resolve("keys.jceks");
    Configuration configuration = new Configuration();
    configuration.set("hadoop.security.credential.provider.path", path);
    CredentialProvider provider = CredentialProviderFactory.getProviders(configuration).get(0);
    var access = provider.createCredentialEntry("fs.s3a.access.key", "key".toCharArray());
    var secret =
        provider.createCredentialEntry("fs.s3a.bucket.lake.secret.key", "secret".toCharArray());
    provider.flush();
    assertThat(List.of(access, secret)).doesNotContainNull();

    Map<String, String> flink =
        FlinkS3.settings(LAKE, Map.of("fs.s3a.security.credential.provider.path", path));

    assertThat(flink)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("s3.access-key", "key", "s3.secret-key", "secret"));
  }

  @Test
  void keys_thatHadoopWouldNotUse_areNotUsed() {
    assertThat(
            FlinkS3.settings(
                LAKE,
                Map.of(
                    "fs.s3a.aws.credentials.provider",
                    "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider",
                    "fs.s3a.access.key",
                    "key",
                    "fs.s3a.secret.key",
                    "secret")))
        .isEmpty();
  }

  @Test
  void role_isAssumedByFlinkToo() {
    assertThat(
            FlinkS3.settings(
                LAKE,
                Map.of(
                    "fs.s3a.aws.credentials.provider",
                    "org.apache.hadoop.fs.s3a.auth.AssumedRoleCredentialProvider",
                    "fs.s3a.assumed.role.arn",
                    "arn:role")))
        .containsExactly(Map.entry("s3.assume-role.arn", "arn:role"));
  }

  @ParameterizedTest
  @CsvSource({
    "proxy.host, proxy",
    "session.token, t",
    "requester.pays.enabled, true",
    "encryption.algorithm, SSE-C",
    "bucket.lake.accesspoint.arn, arn:point",
    "aws.credentials.provider, org.example.OwnProvider",
    "aws.credentials.provider, org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider"
  })
  void setting_thatFlinkLacks_isRefused(String name, String value) {
    String shown = name.replace("bucket.lake.", "");

    assertThatThrownBy(() -> FlinkS3.settings(LAKE, Map.of("fs.s3a." + name, value)))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "s3a://lake/results cannot be used for results, checkpoints or listings: fs.s3a."
                + shown
                + " is set, and Flink's file system for S3 has nothing like it. Name a local"
                + " folder, one on HDFS, or a bucket that needs no such setting.");
  }

  @Test
  void buckets_withDifferentSettings_areRefused() {
    assertThatThrownBy(
            () ->
                FlinkS3.settings(
                    List.of("s3://a/results", "s3://b/checkpoints"),
                    Map.of("fs.s3a.bucket.b.endpoint", "https://b")))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "s3://a/results and s3://b/checkpoints are in buckets with different settings, and"
                + " Flink has one set for all buckets. Name places in one bucket.");
  }
}
