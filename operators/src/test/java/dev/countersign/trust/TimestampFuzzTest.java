package dev.countersign.trust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.trust.CertificateForge.Issued;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Any bytes as a response, and any bytes under an authority's good signature, are a timestamp or a
 * {@link TimestampException}, for who believes it and for who only reads it. The first byte says
 * which.
 */
final class TimestampFuzzTest {

  private static final byte[] SIGNATURE = "a signature".getBytes(UTF_8);
  private static final byte[] OTHER_SIGNATURE = "another signature".getBytes(UTF_8);
  private static final Issued AUTHORITY = CertificateForge.timestampAuthority("CN=TSA").issue();
  private static final TimestampVerifier VERIFIER =
      new TimestampVerifier(
          TrustAnchors.of(
              List.of(
                  FuzzedTrust.certificate("/timestamps/openssl-root.pem"),
                  AUTHORITY.certificate())),
          RevocationLists.none());

  @FuzzTest
  void fuzz(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    byte[] response =
        input[0] == 's' ? TimestampForge.over(SIGNATURE, AUTHORITY).content(rest).response() : rest;
    Optional<StatedTimestamp> stated = read(response);
    verify(response, SIGNATURE)
        .ifPresent(
            verified -> {
              assertThat(stated.map(StatedTimestamp::time))
                  .as("what it says unverified")
                  .contains(verified.time());
              assertThat(verify(response, OTHER_SIGNATURE)).as("over another").isEmpty();
            });
  }

  private static Optional<StatedTimestamp> read(byte[] response) {
    try {
      StatedTimestamp stated = StatedTimestamp.read(response);
      assertThat(stated.authority()).doesNotContainPattern("\\p{Cntrl}");
      assertThat(stated.policy()).matches("[0-9.]+");
      assertThat(stated.time().toString()).isNotEmpty();
      return Optional.of(stated);
    } catch (TimestampException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return Optional.empty();
    }
  }

  private static Optional<VerifiedTimestamp> verify(byte[] response, byte[] signature) {
    try {
      return Optional.of(VERIFIER.verify(response, signature));
    } catch (TimestampException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return Optional.empty();
    }
  }
}
