package dev.countersign.signing.sigstore;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.countersign.remedy.Remedy;
import dev.countersign.signing.SigningException;
import dev.countersign.text.Printable;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * Identity token of the signer, a JSON Web Token (RFC 7519). Its signature is checked by Fulcio;
 * here it is only read as far as needed to explain a refusal.
 */
final class IdentityToken {

  /** The longest token. Those in use have 1 to 4 KiB. */
  static final int MAX_BYTES = 64 << 10;

  /** Later times, in seconds, are no times of a token. */
  private static final double MAX_SECONDS = 1e11;

  private final String text;
  private final String origin;
  private final Optional<Instant> expires;
  private final String issuer;

  private IdentityToken(String text, String origin, Struct claims) {
    this.text = text;
    this.origin = origin;
    Value stated = claims.getFieldsOrDefault("exp", Value.getDefaultInstance());
    this.expires =
        Optional.of(stated.getNumberValue())
            .filter(seconds -> seconds > 0 && seconds < MAX_SECONDS)
            .map(seconds -> Instant.ofEpochSecond(seconds.longValue()));
    this.issuer = claims.getFieldsOrDefault("iss", Value.getDefaultInstance()).getStringValue();
  }

  /**
   * Reads a token.
   *
   * @param text the token, with white space around it or without
   * @param origin where it came from, for messages; it names the place, not the token
   * @throws SigningException if it is not a JSON Web Token; the message does not show it
   */
  static IdentityToken parse(String text, String origin) throws SigningException {
    String token = text.strip();
    String[] parts = token.split("\\.", -1);
    if (token.length() > MAX_BYTES || parts.length != 3) {
      throw malformed(origin);
    }
    try {
      Struct.Builder claims = Struct.newBuilder();
      JsonFormat.parser()
          .merge(
              new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8), claims);
      return new IdentityToken(token, origin, claims.build());
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      // The cause may quote the token.
      throw malformed(origin);
    }
  }

  private static SigningException malformed(String origin) {
    return new SigningException(
        "The identity token " + origin + " is not a JSON Web Token.",
        Remedy.text(
            "Provide an OpenID Connect identity token, as the identity provider issues it."),
        null);
  }

  /**
   * Requires that the token has not expired.
   *
   * @throws SigningException if it has
   */
  void requireCurrent(Instant now) throws SigningException {
    if (expires.isPresent() && !expires.get().isAfter(now)) {
      throw new SigningException(
          "The identity token "
              + origin
              + " expired at "
              + expires.get()
              + "; this machine's clock shows "
              + now
              + ".",
          Remedy.text(
              "Obtain a new token, or set the clock if it is wrong. A run that goes on for longer"
                  + " than a token is valid needs a file that is renewed, or the credentials of the"
                  + " environment."),
          null);
    }
  }

  /** Returns the token itself, which is secret. */
  String secret() {
    return text;
  }

  /** Returns who issued the token, for display. */
  String shownIssuer() {
    return issuer.isEmpty() ? "(no issuer)" : Printable.of(issuer);
  }

  /** Returns where the token came from, and nothing of it. */
  @Override
  public String toString() {
    return "IdentityToken[" + origin + "]";
  }
}
