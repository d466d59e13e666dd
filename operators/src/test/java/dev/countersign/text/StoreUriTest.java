package dev.countersign.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StoreUriTest {

  @ParameterizedTest
  @CsvSource({
    "/a, ''",
    "FILE://LocalHost/a, ''",
    "file://other/a, file://other",
    "HDFS://NN/a, hdfs://nn:8020",
    "hdfs://nn:9000/a, hdfs://nn:9000",
    "hdfs://[FE80::1]/a, hdfs://[fe80::1]:8020",
    "hdfs://nn:08020/a, hdfs://nn:8020",
    "hdfs://nn:/a, hdfs://nn:8020",
    "hdfs:/a, hdfs://",
    "hdfs:///a, hdfs://",
    "S3A://Bucket/a, s3a://bucket",
    "s3://bucket/a, s3a://bucket",
    "abfs://c@Account.dfs.core.windows.net/a, abfss://c@account.dfs.core.windows.net",
    "abfss://c@account.blob.core.windows.net/a, abfss://c@account.dfs.core.windows.net",
    "gs://b/a, gs://b",
  })
  void store_ofEachSpelling_isOne(String uri, String store) {
    assertThat(StoreUri.parse(uri).store()).isEqualTo(store);
  }

  @ParameterizedTest
  @CsvSource({
    "/, /, ''",
    "/, /a/b, a/b",
    "/a, /a/, ''",
    "/a, /a/b, b",
    "hdfs://nn/a, HDFS://NN:8020/a/b, b",
    "hdfs:/a, hdfs:///a/b, b",
    "s3a://b, s3a://b, ''",
  })
  void relativize_ofWhatIsBelow_isItsPath(String folder, String uri, String path) {
    assertThat(StoreUri.parse(folder).relativize(StoreUri.parse(uri))).hasValue(path);
  }

  @ParameterizedTest
  @CsvSource({"/a, /", "/a, /ab", "/a/b, /a", "/a, hdfs:/a/b", "hdfs://nn/a, hdfs:/a/b"})
  void relativize_ofWhatIsElsewhere_isNothing(String folder, String uri) {
    assertThat(StoreUri.parse(folder).relativize(StoreUri.parse(uri))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "s3a://b/a//b/./c/, a//b/./c/",
    "s3a://b, ''",
    "s3a:/b//c, b//c",
    "/a//b, a//b",
    "//a, /a",
  })
  void writtenPath_ofAnAbsoluteText_isNotNormalised(String text, String path) {
    assertThat(StoreUri.writtenPath(text)).isEqualTo(path);
  }

  @Test
  void driveLetters_areNotSchemes() {
    assertThat(StoreUri.isAbsolute("c:/models")).isFalse();
  }
}
