package dev.countersign.signing.sigstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Base64;

/** Makes identity tokens, whose signatures nobody could verify. */
final class TokenForge {

  private TokenForge() {}

  static String expiring(Instant at) {
    return claims("{\"iss\":\"https://issuer.example\",\"exp\":" + at.getEpochSecond() + "}");
  }

  static String claims(String json) {
    return part("{\"alg\":\"ES256\"}") + "." + part(json) + "." + part("no signature");
  }

  private static String part(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }
}
