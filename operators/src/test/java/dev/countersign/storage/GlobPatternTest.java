package dev.countersign.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GlobPatternTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "* abc true",
        "* .abc false",
        ".* .abc true",
        "?bc abc true",
        "?bc .bc false",
        "[.]bc .bc false",
        "a*c abbbc true",
        "a*c abbbd false",
        "a*b*c axbxbxc true",
        "a*b*c axcxb false",
        "*a a true",
        "a* a true",
        "*.bin weights.bin true",
        "*.bin weights.bin.sig false",
        "v[0-9] v7 true",
        "v[0-9] vx false",
        "v[!0-9] vx true",
        "v[^0-9] v7 false",
        "v[]x] v] true",
        "v[a-] v- true",
        "[*] * true",
        "[*] x false",
        "[{]x {x true",
        "{a,bc}d bcd true",
        "{a,bc}d abcd false",
        "{a,}d* d5 true",
        "{a,b}{1,2} b1 true",
        "{a,b}{1,2} ab false",
        "{.a,b}* .ax true",
        "{a*,b} .ax false",
        "? \uD83D\uDE00 true",
        "[\uD83D\uDE00-\uD83D\uDE05] \uD83D\uDE01 true",
      })
  void matches_followsThePattern(String pattern, String name, boolean matches) throws Exception {
    assertThat(GlobPattern.parse("/lake/" + pattern).matchesBelow(name)).isEqualTo(matches);
  }

  @Test
  void fixedPart_endsBeforeTheFirstGlobCharacter() throws Exception {
    assertThat(GlobPattern.parse("/lake/a/*/v1").fixedPart()).isEqualTo("/lake/a");
    assertThat(GlobPattern.parse("/*").fixedPart()).isEqualTo("/");
    assertThat(GlobPattern.parse("hdfs://nn/*/x").fixedPart()).isEqualTo("hdfs://nn");
    assertThat(GlobPattern.parse("/lake/m1").fixedPart()).isEqualTo("/lake/m1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/lake/**/v1|**: name each folder level with a * of its own",
        "/lake/[a|[ without ]",
        "/lake/{a|{ without }",
        "/lake/{a/b,c}|{ without }",
        "/lake/{a,{b}}|{ inside { }",
        "/lake/[z-a]|a range in [ ] that runs backwards",
        "/lake/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}|more than 1000 alternatives",
      })
  void parse_ofMalformedPattern_saysWhatIsWrong(String pattern, String message) {
    StorageException e =
        catchThrowableOfType(StorageException.class, () -> GlobPattern.parse(pattern));

    assertThat(e.kind()).isEqualTo(StorageException.Kind.UNSUPPORTED);
    assertThat(e).hasMessageContaining(pattern).hasMessageContaining(message);
  }

  @Test
  @Timeout(120)
  void matches_ofManyStars_doesNotBlowUp() throws Exception {
    GlobPattern hostile = GlobPattern.parse("/lake/" + "*a".repeat(200) + "*b");

    assertThat(hostile.matchesBelow("a".repeat(5_000))).isFalse();
  }
}
