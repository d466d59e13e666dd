package dev.countersign.jobs.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ShellWordTest {

  @Test
  void of_values_quotesWhatAShellWouldTakeApart() {
    assertThat(ShellWord.of("/lake/models--a--b/blobs")).isEqualTo("/lake/models--a--b/blobs");
    assertThat(ShellWord.of("/my lake")).isEqualTo("'/my lake'");
    assertThat(ShellWord.of("it's;rm")).isEqualTo("'it'\\''s;rm'");
    assertThat(ShellWord.of("~/x\u001b")).isEqualTo("'~/x\\u001b'");
    assertThat(ShellWord.of("")).isEqualTo("''");
  }
}
