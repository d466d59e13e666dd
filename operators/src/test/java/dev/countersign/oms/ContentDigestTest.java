package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ContentDigestTest {

  private record Named(String name, List<String> labels) {}

  private record Other(String name, List<String> labels) {}

  @Test
  void of_valuesThatSayTheSame_isTheSame() {
    Map<String, Integer> map = new LinkedHashMap<>();
    map.put("b", 2);
    map.put("a", 1);

    assertThat(ContentDigest.of(new Named("n", List.of("x"))))
        .isEqualTo(ContentDigest.of(new Named("n", Arrays.asList("x"))))
        .hasSize(64);
    assertThat(ContentDigest.of(map)).isEqualTo(ContentDigest.of(Map.of("a", 1, "b", 2)));
    assertThat(ContentDigest.of(new LinkedHashSet<>(List.of("b", "a"))))
        .isEqualTo(ContentDigest.of(new LinkedHashSet<>(List.of("a", "b"))));
    assertThat(ContentDigest.of(new byte[] {1})).isEqualTo(ContentDigest.of(new byte[] {1}));
    assertThat(ContentDigest.of(Optional.of("a"))).isEqualTo(ContentDigest.of("a"));
  }

  @Test
  void of_valuesThatSayOther_isAnother() {
    Stream<Object> values =
        Stream.of(
            Optional.empty(),
            "",
            "ab",
            "ab".getBytes(StandardCharsets.UTF_8),
            List.of("ab"),
            List.of("a", "b"),
            List.of("b", "a"),
            List.of(List.of("a"), "b"),
            List.of("a", List.of("b")),
            Map.of("a", "b"),
            new Named("a", List.of("b")),
            new Other("a", List.of("b")),
            new Named("a", List.of("b", "")),
            new Named("ab", List.of()));

    assertThat(values.map(ContentDigest::of)).doesNotHaveDuplicates();
  }

  @Test
  void of_aRecordThatGotMoreComponents_isTheSameWhileTheySayNothing() {
    record Entry(String model, List<String> labels) {}
    String before = ContentDigest.of(new Entry("m", List.of("x")));

    assertThat(
            new Object() {
              String later() {
                record Entry(
                    long line, String model, String note, List<String> labels, boolean flag) {}
                return ContentDigest.of(new Entry(0, "m", "", List.of("x"), false));
              }
            }.later())
        .isEqualTo(before);
  }

  @Test
  void of_whatHasNoContent_isRefused() {
    assertThatThrownBy(() -> ContentDigest.of(List.of(new Object())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no digest of a java.lang.Object");
  }
}
