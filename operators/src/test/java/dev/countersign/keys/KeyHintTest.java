package dev.countersign.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyHintTest {

  @ParameterizedTest
  @ValueSource(strings = {"p256", "p384", "p521", "rsa2048", "rsa3072", "rsa4096", "ed25519"})
  void of_key_isWhatSha256sumPrintsOfOpensslsFile(String curve) throws Exception {
    String file = curve + "-public.pem";

    String hint = KeyHint.of(PublicKeyFile.read(KeyFixtures.bytes(file), file));

    assertThat(printedBySha256sum()).contains(hint + "  " + file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text-before", "crlf", "compressed"})
  void of_keyFromOtherForm_isTheSame(String form) throws Exception {
    String file = "p256-public-" + form + ".pem";

    String hint = KeyHint.of(PublicKeyFile.read(KeyFixtures.bytes(file), file));

    assertThat(printedBySha256sum()).contains(hint + "  p256-public.pem");
  }

  private static List<String> printedBySha256sum() {
    return Stream.of("hints.sha256", "hints-other-algorithms.sha256")
        .flatMap(file -> new String(KeyFixtures.bytes(file), US_ASCII).lines())
        .toList();
  }
}
