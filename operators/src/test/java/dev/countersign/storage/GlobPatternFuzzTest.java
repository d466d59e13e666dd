package dev.countersign.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/**
 * Any two lines are a pattern or a {@link StorageException}, and a name that it matches or not.
 * What it matches alone, it matches.
 */
final class GlobPatternFuzzTest {

  @FuzzTest
  void fuzz(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int line = text.indexOf('\n');
    String name = line < 0 ? "model" : text.substring(line + 1);
    GlobPattern pattern;
    try {
      pattern = GlobPattern.parse("/" + (line < 0 ? text : text.substring(0, line)));
    } catch (StorageException e) {
      assertThat(e.kind()).isEqualTo(StorageException.Kind.UNSUPPORTED);
      return;
    }
    assertThat(pattern.fixedPart()).startsWith("/");
    for (NamePattern segment : pattern.segments()) {
      boolean matches = segment.matches(name);
      String literal = segment.literal();
      if (!literal.isEmpty()) {
        assertThat(segment.matches(literal)).as(literal).isTrue();
        assertThat(matches).as(name).isEqualTo(literal.equals(name));
      }
    }
  }
}
