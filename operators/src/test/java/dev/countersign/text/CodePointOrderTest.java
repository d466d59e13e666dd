package dev.countersign.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class CodePointOrderTest {

  private static final Comparator<String> ORDER = CodePointOrder.comparator();

  @Test
  void order_aboveU_ffff_differsFromTheOneOfUtf16() {
    List<String> names =
        new ArrayList<>(List.of("\ud83d\ude00", "\uffff", "\ue000", "\ud7ff", "a/b", "a.b", "a"));

    names.sort(ORDER);

    assertThat(names)
        .as("by code point")
        .containsExactly("a", "a.b", "a/b", "\ud7ff", "\ue000", "\uffff", "\ud83d\ude00");
    assertThat("\uffff".compareTo("\ud83d\ude00"))
        .as("UTF-16 has it the other way round, or this test shows nothing")
        .isPositive();
  }

  @Test
  void order_ofPairsThatShareTheirFirstHalf_isTheOneOfTheSecond() {
    assertThat(ORDER.compare("x\ud83d\ude00", "x\ud83d\ude01")).isNegative();
    assertThat(ORDER.compare("x\ud83d\ude00", "x\ud83d\ude00")).isZero();
  }

  @Property
  boolean order_isTheOneOfUtf8Bytes(
      @ForAll("unicode") String left, @ForAll("unicode") String right) {
    int byBytes =
        Arrays.compareUnsigned(
            left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));

    return Integer.signum(ORDER.compare(left, right)) == Integer.signum(byBytes);
  }

  /** Few letters, so that strings share beginnings, from each range that sorts on its own. */
  @Provide
  Arbitrary<String> unicode() {
    return Arbitraries.of("a", "/", "é", "模", "\ud7ff", "\ue000", "\uffee", "\ud800\udc00", "😀")
        .list()
        .ofMaxSize(5)
        .map(letters -> String.join("", letters));
  }
}
