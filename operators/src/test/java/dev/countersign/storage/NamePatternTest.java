package dev.countersign.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class NamePatternTest {

  @Test
  void matches_ofNames_isAsInASegmentOfAGlob() throws Exception {
    NamePattern pattern = NamePattern.parse("model*.{bin,pt}");

    assertThat(pattern.matches("model-1.bin")).isTrue();
    assertThat(pattern.matches("model.pt")).isTrue();
    assertThat(pattern.matches("model.pth")).isFalse();
    assertThat(NamePattern.parse("*").matches(".hidden")).isFalse();
    assertThat(NamePattern.parse("?").matches("\uD83D\uDE00")).isTrue();
    assertThat(pattern).hasToString("model*.{bin,pt}");
  }

  @Test
  void parse_ofWhatIsNoName_saysHowToWriteIt() {
    assertThatThrownBy(() -> NamePattern.parse("a/b"))
        .hasMessage(
            "The pattern a/b is not a single name. Write it without /, as in *.safetensors.");
    assertThatThrownBy(() -> NamePattern.parse("")).hasMessageContaining("is not a single name");
    assertThatThrownBy(() -> NamePattern.parse("[a")).hasMessageContaining("[ without ]");
  }
}
