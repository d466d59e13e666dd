package dev.countersign.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LegacyPaeTest {

  /** A text, and what Python 3 prints for its UTF-8 bytes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          plain | b'plain'
          it's | b"it's"
          say "x" | b'say "x"'
          it's "x" | b'it\\'s "x"'
          a\\b | b'a\\\\b'
          模 | b'\\xe6\\xa8\\xa1'
          """)
  void digest_payload_isOfWhatPythonPrints(String payload, String printed) throws Exception {
    byte[] bytes = payload.getBytes(UTF_8);

    byte[] digest = LegacyPae.digest("type", bytes);

    assertThat(digest).isEqualTo(sha256("DSSEV1 4 type " + bytes.length + " " + printed));
  }

  @Test
  void digest_controlCharacters_areEscapedAsPythonDoes() throws Exception {
    byte[] bytes = {0, 1, '\t', '\n', 0x0b, '\r', 0x1f, ' ', '~', 0x7f, (byte) 0x80, (byte) 0xff};

    byte[] digest = LegacyPae.digest("type", bytes);

    assertThat(digest)
        .isEqualTo(sha256("DSSEV1 4 type 12 b'\\x00\\x01\\t\\n\\x0b\\r\\x1f ~\\x7f\\x80\\xff'"));
  }

  @Test
  void digest_payloadAboveTheBuffer_isOfAllOfIt() throws Exception {
    String unit = "line\n\u0001 ";
    int repeats = 10_000;
    byte[] bytes = unit.repeat(repeats).getBytes(UTF_8);

    byte[] digest = LegacyPae.digest("type", bytes);

    assertThat(digest)
        .isEqualTo(
            sha256(
                "DSSEV1 4 type " + bytes.length + " b'" + "line\\n\\x01 ".repeat(repeats) + "'"));
  }

  @Test
  void encode_statement_isWhatIsDigested() throws Exception {
    byte[] bytes = "{\"a\\b\":\"it's\"}\n".repeat(2_000).getBytes(UTF_8);

    byte[] encoding = LegacyPae.encode("type", bytes).orElseThrow();

    assertThat(MessageDigest.getInstance("SHA-256").digest(encoding))
        .isEqualTo(LegacyPae.digest("type", bytes));
  }

  @Test
  void encode_payloadOfEscapesAlone_isEmpty() {
    assertThat(LegacyPae.encode("type", new byte[10_000])).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "{\"predicateType\":\"https://model_signing/Digests/v0.1\"}, true",
    "{\"predicateType\":\"https://model_signing/signature/v1.0\"}, false",
    "\"https://model_signing/Digests/v0.1, false",
    "'', false",
  })
  void mayApply_payload_looksForThePredicateOfRelease020(String payload, boolean expected) {
    assertThat(LegacyPae.mayApply(payload.getBytes(UTF_8))).isEqualTo(expected);
  }

  private static byte[] sha256(String text) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
  }
}
