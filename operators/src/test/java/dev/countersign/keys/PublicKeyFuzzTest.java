package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.Base64;

/**
 * Any bytes, as a file and as what a PEM block holds, are a key or a {@link KeyFormatException}.
 */
final class PublicKeyFuzzTest {

  @FuzzTest
  void fuzz(byte[] input) throws KeyFormatException {
    check(input);
    check(
        ("-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(input)
                + "\n-----END PUBLIC KEY-----\n")
            .getBytes(StandardCharsets.US_ASCII));
  }

  private static void check(byte[] pem) throws KeyFormatException {
    PublicKey key;
    try {
      key = PublicKeyFile.read(pem, "fuzzed");
    } catch (KeyFormatException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return;
    }
    byte[] again = PublicKeyFile.pem(key).getBytes(StandardCharsets.US_ASCII);
    assertThat(PublicKeyFile.read(again, "written again").getEncoded()).isEqualTo(key.getEncoded());
  }
}
