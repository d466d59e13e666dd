package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Any bytes pass the checks before parsing or not, and are base64 in one spelling or not at all.
 */
final class JsonTextFuzzTest {

  @FuzzTest
  void fuzz(byte[] text) {
    try {
      JsonText.check(text, "text", OmsBounds.defaults());
      assertThat(new String(text, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8))
          .isEqualTo(text);
    } catch (OmsException e) {
      assertThat(e.kind()).isIn(OmsException.Kind.MALFORMED, OmsException.Kind.TOO_LARGE);
    }
    String string = '"' + new String(text, StandardCharsets.ISO_8859_1);
    byte[] decoded = JsonInput.base64(string.getBytes(StandardCharsets.ISO_8859_1), 0);
    if (decoded != null && string.indexOf('\\') < 0) {
      assertThat(string).startsWith('"' + Base64.getEncoder().encodeToString(decoded) + '"');
    }
  }
}
