package dev.countersign.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts of versions, which plans and checkpoints hold. */
final class S3VersionTest {

  @ParameterizedTest
  @CsvSource({
    "'\"0f00-16\"',, etag-0f00-16-4096",
    "0f00,, etag-0f00-4096",
    "'\"0f00-16\"', null, etag-0f00-16-4096",
    "'\"0f00-16\"', 3/L4-kq.Vm_, ver-3/L4-kq.Vm_/0f00-16-4096"
  })
  void text_ofVersion_isReadBack(String tag, String id, String text) {
    S3Version version = S3Version.of(tag, id);

    assertThat(version.text(4096)).isEqualTo(text);
    assertThat(S3Version.parse(text)).isEqualTo(version);
  }

  @Test
  void tag_inRequests_isQuoted() {
    assertThat(S3Version.of("0f00", null).quotedTag()).isEqualTo("\"0f00\"");
  }
}
