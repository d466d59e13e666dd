package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DigestTest {

  @Test
  void parse_andHex_areInverse() {
    String hex = "00017f80ff09af";

    Digest digest = Objects.requireNonNull(Digest.parse(hex));

    assertThat(digest.bytes()).containsExactly(0x00, 0x01, 0x7f, 0x80, 0xff, 0x09, 0xaf);
    assertThat(digest.hex()).isEqualTo(hex);
    assertThat(digest).hasToString(hex).isEqualTo(Digest.of(digest.bytes()));
    assertThat(digest.length()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "abc", "AB", "0g", "0x", " 0", "é0", "aéa", "00\n"})
  void parse_withAnythingElse_isNull(String hex) {
    assertThat(Digest.parse(hex)).isNull();
  }

  @Test
  void parse_longerThanAnyDigest_isNull() {
    assertThat(Digest.parse("00".repeat(64))).isNotNull();
    assertThat(Digest.parse("00".repeat(65))).isNull();
  }

  @Test
  void of_withNoBytesOrTooMany_isRefused() {
    assertThatThrownBy(() -> Digest.of(new byte[0])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Digest.of(new byte[65])).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void digest_isIndependentOfTheArraysAroundIt() {
    byte[] given = {1, 2, 3};
    Digest digest = Digest.of(given);
    given[0] = 9;
    digest.bytes()[1] = 9;

    assertThat(digest.bytes()).containsExactly(1, 2, 3);
  }

  @Test
  void digest_inAResource_survivesJavaSerialization() throws Exception {
    Resource resource = new Resource("a", 10, 20, Digest.of(new byte[] {1, 2}));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(resource);
    }

    Object read = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();

    assertThat(read).isEqualTo(resource);
  }
}
