package dev.countersign.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PrintableTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "weights.bin", "模型/权重 1.bin", "עברית", "😀", "a\\b"})
  void of_plainText_isTheSame(String text) {
    assertThat(Printable.of(text)).isEqualTo(text);
  }

  @Test
  void of_controlsOfTerminals_isEscaped() {
    assertThat(Printable.of("a\u001b[2J\r\nb\u009bc\u007f"))
        .isEqualTo("a\\u001b[2J\\u000d\\u000ab\\u009bc\\u007f");
  }

  @Test
  void of_whatTurnsDirectionOrBreaksLines_isEscaped() {
    assertThat(Printable.of("\u202egpj.exe\u2066\u2028\u200b\udb40\udc41"))
        .isEqualTo("\\u202egpj.exe\\u2066\\u2028\\u200b\\u{e0041}");
  }

  @Test
  void of_loneSurrogates_isEscaped() {
    assertThat(Printable.of("\ud800a\udc00")).isEqualTo("\\ud800a\\udc00");
  }

  @Test
  void of_longText_isCutInTheMiddleBetweenCodePoints() {
    assertThat(Printable.of("😀".repeat(300))).isEqualTo("😀".repeat(300));
    assertThat(Printable.of("a" + "😀".repeat(300)))
        .isEqualTo("a" + "😀".repeat(149) + "…" + "😀".repeat(150));
  }

  @Test
  void whole_ofLongText_isEscapedAndNotCut() {
    assertThat(Printable.whole("😀\n".repeat(500))).isEqualTo("😀\\u000a".repeat(500));
  }
}
