package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Any text is a place or relative; a place has no way out of itself. */
final class LexicalUriFuzzTest {

  private static final LexicalUri MODEL = LexicalUri.absolute("s3://bucket/a/model").orElseThrow();

  @FuzzTest
  void fuzz(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    LexicalUri.absolute(text).ifPresent(LexicalUriFuzzTest::check);
    check(MODEL.resolve(text));
    String below = LexicalUri.normalizedRelative(text);
    if (below != null && !below.isEmpty()) {
      assertThat(MODEL.relativize(MODEL.resolve(below))).hasValue(below);
    }
  }

  private static void check(LexicalUri uri) {
    if (!uri.path().isEmpty()) {
      assertThat(uri.path()).startsWith("/");
      assertThat(uri.path().substring(1).split("/", -1)).doesNotContain("", ".", "..");
    }
    assertThat(LexicalUri.absolute(uri.root() + uri.path() + "/")).hasValue(uri);
  }
}
