package dev.countersign.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.hadoop.HadoopConfiguration;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds whatever a site configured. */
final class S3SettingsTest {

  private static final String URI = "s3a://lab/m";

  @ParameterizedTest
  @CsvSource({
    "fs.s3a.attempts.maximum, 0",
    "fs.s3a.bucket.lab.attempts.maximum, 0",
    "fs.s3a.retry.limit, 0",
    "fs.s3a.bucket.lab.retry.limit, 0",
    "fs.s3a.bucket.lab.retry.throttle.limit, 0",
    "fs.s3a.bucket.lab.bucket.probe, 0",
    "fs.s3a.bucket.lab.multipart.purge, false"
  })
  void pin_isThatOfTheBucketToo(String key, String value) throws Exception {
    assertThat(configuration(Map.of(key, "7")).get(key)).isEqualTo(value);
  }

  @Test
  void streamType_ofTheSite_isClassicAllTheSame() throws Exception {
    String global = "fs.s3a.input.stream.type";
    String own = "fs.s3a.bucket.lab.input.stream.type";
    Configuration site = new Configuration(HadoopConfiguration.with(URI, Map.of()));
    site.set(global, "analytics");
    site.set(own, "analytics");

    Configuration pinned = S3Settings.of(URI, "lab", Map.of(), site);

    assertThat(pinned.get(global)).isEqualTo("classic");
    assertThat(pinned.get(own)).isEqualTo("classic");
  }

  @ParameterizedTest
  @ValueSource(strings = {"fs.s3a.input.stream.type", "fs.s3a.bucket.lab.input.stream.type"})
  void streamType_forcedByName_staysSo(String key) throws Exception {
    assertThat(configuration(Map.of(key, "prefetch")).get(key)).isEqualTo("prefetch");
  }

  @Test
  void times_thatNobodyChose_areShort() throws Exception {
    Configuration chosen =
        configuration(
            Map.of(
                "fs.s3a.connection.timeout", "7m",
                "fs.s3a.bucket.lab.connection.request.timeout", "8m"));

    assertThat(chosen.get("fs.s3a.connection.establish.timeout")).isEqualTo("5s");
    assertThat(chosen.get("fs.s3a.connection.timeout")).isEqualTo("7m");
    assertThat(chosen.get("fs.s3a.bucket.lab.connection.timeout")).isNull();
    assertThat(chosen.get("fs.s3a.bucket.lab.connection.request.timeout")).isEqualTo("8m");
  }

  @ParameterizedTest
  @CsvSource({"15, 512", "2000, 2000"})
  void connections_areEnoughForAll(String chosen, String pinned) throws Exception {
    Configuration configuration =
        configuration(Map.of("fs.s3a.bucket.lab.connection.maximum", chosen));

    assertThat(configuration.get("fs.s3a.bucket.lab.connection.maximum")).isEqualTo(pinned);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fs.s3a.connection.timeout",
        "fs.s3a.bucket.lab.connection.establish.timeout",
        "fs.s3a.connection.maximum",
        "fs.s3a.bucket.lab.connection.maximum",
        "fs.s3a.paging.maximum",
        "fs.s3a.multipart.size"
      })
  void number_thatCannotBeRead_isRefusedByName(String key) {
    StorageException e =
        catchThrowableOfType(StorageException.class, () -> configuration(Map.of(key, "abc")));

    assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED);
    assertThat(e)
        .hasMessageStartingWith(
            "s3a://lab/m cannot be used: " + key + " is 'abc', which cannot be read. Write a ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fs.s3a.encryption.algorithm",
        "fs.s3a.bucket.lab.encryption.algorithm",
        "fs.s3a.server-side-encryption-algorithm"
      })
  void encryptionByTheClient_isRefused(String key) {
    StorageException e =
        catchThrowableOfType(StorageException.class, () -> configuration(Map.of(key, "cse-kms")));

    assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED);
    assertThat(e)
        .hasMessage(
            "s3a://lab/m cannot be used: fs.s3a.encryption.algorithm is cse-kms, and objects that"
                + " their writers encrypted cannot be read here. Use encryption by the store, such"
                + " as SSE-KMS.");
  }

  @Test
  void settings_ofTheCaller_arePassed() throws Exception {
    Map<String, String> settings = new HashMap<>(FakeS3.settings("http://127.0.0.1:9"));
    settings.put("fs.s3a.encryption.algorithm", "SSE-KMS");

    Configuration configuration = configuration(settings);

    settings.forEach((key, value) -> assertThat(configuration.get(key)).isEqualTo(value));
  }

  private static Configuration configuration(Map<String, String> settings) throws StorageException {
    return S3Settings.of(URI, "lab", settings);
  }
}
