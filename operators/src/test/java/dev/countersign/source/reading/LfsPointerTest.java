package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LfsPointerTest {

  private static final String VERSION = "version https://git-lfs.github.com/spec/v1\n";
  private static final String HEX =
      "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
  private static final String OID = "oid sha256:" + HEX + "\n";
  private static final String SIZE = "size 12345\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        VERSION + OID + SIZE,
        VERSION + "ext-0-foo sha256:" + HEX + "\next-1-bar sha256:" + HEX + "\n" + OID + SIZE,
        VERSION + OID + SIZE + "x-later value of a later version\n",
        "version https://hawser.github.com/spec/v1\n" + OID + SIZE,
        "version http://git-media.io/v/2\n" + OID + SIZE,
        VERSION + OID + "size 0",
        "\n " + VERSION + OID + SIZE + "\n\n",
        VERSION + "\n" + OID + SIZE,
        "version https://git-lfs.github.com/spec/v1\r\noid sha256:" + HEX + "\r\nsize 1\r\n"
      })
  void of_pointer_isOne(String content) {
    assertThat(LfsPointer.of(content.getBytes(StandardCharsets.UTF_8)))
        .map(pointer -> HexFormat.of().formatHex(pointer.oid().array()))
        .contains(HEX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        VERSION,
        VERSION + OID,
        VERSION + SIZE,
        OID + SIZE,
        OID + SIZE + VERSION,
        VERSION + SIZE + OID,
        VERSION + OID + OID + SIZE,
        VERSION + VERSION + OID + SIZE,
        VERSION + OID + SIZE + VERSION,
        VERSION + OID + "size -1\n",
        VERSION + OID + "size 1k\n",
        VERSION + "oid sha512:" + HEX + "\n" + SIZE,
        VERSION + "oid sha256:" + HEX + "00\n" + SIZE,
        VERSION + "OID sha256:" + HEX + "\n" + SIZE,
        "version https://git-lfs.github.com/spec/v2\n" + OID + SIZE,
        VERSION + OID + SIZE + "and this is how a pointer looks\n"
      })
  void of_otherText_isNone(String content) {
    assertThat(LfsPointer.of(content.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void of_contentThatIsTooLong_isNone() {
    String pointer = VERSION + OID + SIZE + "x ";

    assertThat(
            LfsPointer.of(
                (pointer + "y".repeat(1_023 - pointer.length())).getBytes(StandardCharsets.UTF_8)))
        .isPresent();
    assertThat(
            LfsPointer.of(
                (pointer + "y".repeat(1_024 - pointer.length())).getBytes(StandardCharsets.UTF_8)))
        .isEmpty();
  }
}
