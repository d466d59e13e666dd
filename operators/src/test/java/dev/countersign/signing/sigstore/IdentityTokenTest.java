package dev.countersign.signing.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.signing.SigningException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Identity tokens, as far as they are read. */
final class IdentityTokenTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @ParameterizedTest
  @ValueSource(
      strings = {"", "hunter2", "a.b", "a.b.c.d", "a.%%%.c", "a.aHVudGVyMg.c", "a.W10.c", "a..c"})
  void parse_ofNoToken_failsAndDoesNotShowIt(String text) {
    assertThatThrownBy(() -> IdentityToken.parse(text, "in /run/token"))
        .isInstanceOf(SigningException.class)
        .hasMessage(
            "The identity token in /run/token is not a JSON Web Token. Provide an OpenID Connect"
                + " identity token, as the identity provider issues it.")
        .hasNoCause();
  }

  @Test
  void token_withWhiteSpaceAroundIt_isTaken() throws Exception {
    String token = TokenForge.expiring(NOW);

    assertThat(IdentityToken.parse(" " + token + "\r\n", "in /run/token").secret())
        .isEqualTo(token);
  }

  @Test
  void token_thatExpired_isRefusedWithBothTimes() throws Exception {
    IdentityToken token = IdentityToken.parse(TokenForge.expiring(NOW), "in /run/token");

    assertThatThrownBy(() -> token.requireCurrent(NOW.plus(Duration.ofHours(2))))
        .isInstanceOf(SigningException.class)
        .hasMessageStartingWith(
            "The identity token in /run/token expired at 2026-03-01T12:00:00Z; this machine's clock"
                + " shows 2026-03-01T14:00:00Z. Obtain a new token, or set the clock");
    assertThatCode(() -> token.requireCurrent(NOW.minusSeconds(1))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"exp\":\"soon\"}", "{\"exp\":1e300}", "{\"exp\":-1}"})
  void token_withoutATime_isLeftToFulcio(String claims) throws Exception {
    IdentityToken token = IdentityToken.parse(TokenForge.claims(claims), "in /run/token");

    assertThatCode(() -> token.requireCurrent(NOW)).doesNotThrowAnyException();
  }

  @Test
  void toString_ofToken_doesNotShowIt() throws Exception {
    assertThat(IdentityToken.parse(TokenForge.expiring(NOW), "in /run/token"))
        .hasToString("IdentityToken[in /run/token]");
  }
}
