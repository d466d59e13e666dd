package dev.countersign.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LinearPatternTest {

  @ParameterizedTest
  @CsvSource({
    "/lake/a, /lake/a, true",
    "/lake/a, /lake/ab, false",
    "/lake/a, x/lake/a, false",
    "/lake/a|/lake/b, /lake/b, true",
    "/lake/a|/lake/b, /lake/bc, false",
    "'(?m)^/lake/a$', '/lake/a\n/lake/b', false",
    "'\\Q/lake/v1.0\\E/.*', /lake/v1.0/m, true",
    "'\\Q/lake/v1.0\\E/.*', /lake/v1x0/m, false",
    "/lake/[0-9a-f]{64}/([0-9a-f]{4}-){3}x, /lake/0/x, false",
    "/lake/Straße, /lake/STRASSE, false",
    "/lake/prod/.*, /lake/Prod/m, false",
    "(?i)/lake/prod/.*, /lake/Prod/m, true",
  })
  void pattern_ofAText_matchesTheWholeOrNothing(String pattern, String text, boolean expected) {
    assertThat(LinearPattern.compile(pattern).matches(text)).isEqualTo(expected);
  }

  @Test
  void dot_inAPattern_standsForLineFeedsToo() {
    assertThat(LinearPattern.compile("/lake/strict/.*").matches("/lake/strict/a\nb")).isTrue();
    assertThat(LinearPattern.compile("/lake/strict/.*").matches("/lake/strict/\ud83d\ude00"))
        .isTrue();
    assertThat(LinearPattern.compile("/lake/strict/.*").matches("/lake/strict/\ud83d")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(a*)*b", "(a|a)*b", "(.*)*x", "((a+)+)+$x", "(a?){100}a{100}b", "(.*a){12}b"})
  void pattern_thatBacktrackersChokeOn_takesAMomentOnly(String regex) {
    LinearPattern pattern = LinearPattern.compile(regex);
    String longest = "a".repeat(4_096);

    boolean matches =
        Assertions.assertTimeoutPreemptively(Duration.ofMinutes(2), () -> pattern.matches(longest));

    assertThat(matches).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "'(?=a)b', Write it in the syntax of RE2",
    "'(a)\\1', Write it in the syntax of RE2",
    "'[a', Write it in the syntax of RE2",
    "'a{1001}', Write it in the syntax of RE2",
    "'((a{100}){100}){100}', its repetitions make it too large. Use smaller counts",
    "'(a{1000}[(]){1000}', its repetitions make it too large",
    "'(a{,9}){1000}{1000}', its repetitions make it too large",
    "'', it is empty",
  })
  void pattern_thatCannotBeUsed_isRefused(String regex, String why) {
    assertThatThrownBy(() -> LinearPattern.compile(regex))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void pattern_overItsLength_isRefused() {
    assertThat(LinearPattern.compile("a".repeat(1_000)).matches("a".repeat(1_000))).isTrue();
    assertThatThrownBy(() -> LinearPattern.compile("a".repeat(1_001)))
        .hasMessageContaining("it is longer than 1,000 characters");
  }

  @Test
  void pattern_nestedAsDeepAsItsLengthAllows_isRefusedOrWorks() {
    String nested = "(".repeat(499) + "a" + ")".repeat(499);

    assertThat(LinearPattern.compile(nested).matches("a")).isTrue();
  }
}
