package dev.countersign.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FailureLimitTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 10, false",
    "0, 1, 10, true",
    "5, 5, 10, false",
    "5, 6, 10, true",
    "10%, 100, 1000, false",
    "10%, 101, 1000, true",
    "10%, 0, 9, false",
    "10%, 1, 9, true",
    "0%, 1, 1000000, true",
    "0.1%, 1, 1000, false",
    "0.1%, 1, 999, true",
    "33.333%, 33333, 100000, false",
    "33.333%, 33334, 100000, true",
    "100%, 7, 7, false",
    "10%, 999999999999999999, 9223372036854775807, true",
    "100%, 9223372036854775807, 9223372036854775807, false",
  })
  void isExceededBy_isExact(String limit, long failed, long total, boolean exceeded) {
    assertThat(FailureLimit.parse(limit).orElseThrow().isExceededBy(failed, total))
        .isEqualTo(exceeded);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "%",
        "101%",
        "100.001%",
        "1.2345%",
        "2.5",
        "1e3",
        "five",
        "1000000000000000000000"
      })
  void parse_ofAnythingElse_isEmpty(String text) {
    assertThat(FailureLimit.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "007, 7", "50, 50", "10%, 10%", "2.50 %, 2.5%", "0.0%, 0%"})
  void text_isWhatParseReads(String typed, String text) {
    FailureLimit limit = FailureLimit.parse(typed).orElseThrow();

    assertThat(limit.text()).isEqualTo(text);
    assertThat(FailureLimit.parse(text)).contains(limit);
  }

  @Test
  void none_isNeverExceeded() {
    assertThat(FailureLimit.NONE.isExceededBy(Long.MAX_VALUE, 1)).isFalse();
    assertThat(FailureLimit.NONE.isNone()).isTrue();
    assertThat(FailureLimit.NONE.text()).isEmpty();
    assertThat(FailureLimit.parse("0").orElseThrow().isNone()).isFalse();
  }
}
