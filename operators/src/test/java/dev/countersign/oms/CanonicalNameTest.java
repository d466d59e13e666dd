package dev.countersign.oms;

import static dev.countersign.oms.OmsAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CanonicalNameTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "a/b/c",
        ".hidden",
        "..a",
        "a..",
        "...",
        "a/...",
        "a:b",
        "a\\b",
        " ",
        "a\nb",
        "模型/权重",
        "e\u0301",
        "\u00e9",
        "\ud83d\ude00",
        "C:x",
        "~",
        "-rf"
      })
  void check_ofANameBelowTheRoot_passes(String name) {
    assertThatCode(() -> CanonicalName.check(name)).doesNotThrowAnyException();
    assertThat(CanonicalName.isCanonical(name)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'', is empty",
    "/a, is absolute",
    "/, is absolute",
    "a/, has an empty segment",
    "a//b, has an empty segment",
    "., has the segment \".\"",
    "./a, has the segment \".\"",
    "a/., has the segment \".\"",
    "a/./b, has the segment \".\"",
    ".., has the segment \"..\"",
    "../a, has the segment \"..\"",
    "a/../b, has the segment \"..\"",
    "a/.., has the segment \"..\"",
  })
  void check_ofANameThatMeansAnotherPlace_saysWhy(String name, String fault) {
    assertRefused(() -> CanonicalName.check(name), OmsException.Kind.NAME, fault);
    assertThat(CanonicalName.isCanonical(name)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud800", "\udc00", "a\ud800b", "\udc00\ud800", "\ud800\ud800\udc00"})
  void check_ofHalfASurrogatePair_isRefused(String name) {
    assertRefused(() -> CanonicalName.check(name), OmsException.Kind.NAME, "surrogate pair");
  }

  @Test
  void check_ofANulCharacter_isRefusedAndEscaped() {
    assertRefused(() -> CanonicalName.check("a\0b"), OmsException.Kind.NAME, "\"a\\u0000b\"");
  }

  @Test
  void check_countsBytesOfUtf8() {
    String longest = "模".repeat(1365) + "a";

    assertThatCode(() -> CanonicalName.check(longest)).doesNotThrowAnyException();
    assertRefused(
        () -> CanonicalName.check(longest + "a"),
        OmsException.Kind.NAME,
        "has 4097 bytes, more than 4096");
  }
}
