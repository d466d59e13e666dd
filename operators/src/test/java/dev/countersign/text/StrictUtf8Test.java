package dev.countersign.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StrictUtf8Test {

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "é", "模", "😀", "a\0"})
  void text_thatIsUnicode_hasItsLengthAndComesBack(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);

    assertThat(StrictUtf8.length(text)).isEqualTo(bytes.length);
    assertThat(StrictUtf8.firstFault(bytes)).isEqualTo(-1);
    assertThat(StrictUtf8.decode(bytes)).hasValue(text);
  }

  @Test
  void length_ofHalfAPair_isNone() {
    assertThat(StrictUtf8.length("a\ud800")).isEqualTo(-1);
    assertThat(StrictUtf8.length("\ud800a")).isEqualTo(-1);
    assertThat(StrictUtf8.length("\udc00\ud800")).isEqualTo(-1);
  }

  /** Overlong forms, a surrogate, beyond U+10FFFF, cut off, and Latin-1. */
  @ParameterizedTest
  @CsvSource({"61c0af, 1", "61e080af, 1", "61eda080, 1", "61f4908080, 1", "61e6a8, 1", "6161e9, 2"})
  void bytes_thatAreNotUtf8_areNotDecoded(String hex, long fault) {
    byte[] bytes = HexFormat.of().parseHex(hex);

    assertThat(StrictUtf8.decode(bytes)).isEmpty();
    assertThat(StrictUtf8.firstFault(bytes)).isEqualTo(fault);
  }
}
