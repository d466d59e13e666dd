package dev.countersign.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Any text is a URI or relative; a URI is parsed from its text as it was. */
final class StoreUriFuzzTest {

  private static final StoreUri FOLDER = StoreUri.parse("s3://bucket/a/folder");

  @FuzzTest
  void fuzz(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    String below = StoreUri.normalizedRelative(text);
    if (below != null) {
      assertThat(FOLDER.relativize(FOLDER.resolve(text))).hasValue(below);
    }
    StoreUri uri;
    try {
      uri = StoreUri.parse(text);
    } catch (IllegalArgumentException e) {
      assertThat(StoreUri.isAbsolute(text)).isFalse();
      return;
    }
    assertThat(StoreUri.parse(uri.toString())).isEqualTo(uri);
    assertThat(uri.path()).startsWith("/");
    if (!uri.path().equals("/")) {
      assertThat(uri.path().substring(1).split("/", -1)).doesNotContain("", ".", "..");
    }
  }
}
