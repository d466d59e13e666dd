package dev.countersign.signing.sigstore;

import dev.countersign.http.HttpCalls;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.signing.IdentityTokenSource;
import dev.countersign.signing.SigningException;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads the signer's identity token from its source, each time anew. Thread safe. */
final class IdentityTokens {

  private final IdentityTokenSource source;
  private final UnaryOperator<@Nullable String> environment;
  private final AmbientTokens ambient;

  IdentityTokens(
      IdentityTokenSource source, UnaryOperator<@Nullable String> environment, HttpCalls http) {
    this.source = source;
    this.environment = environment;
    this.ambient = new AmbientTokens(environment, http);
  }

  /**
   * Returns the token that the source has now.
   *
   * @throws SigningException if there is none; the message holds no secret
   */
  IdentityToken read() throws SigningException {
    Optional<IdentityToken> named = named();
    return named.isPresent() ? named.get() : ambient.read();
  }

  /**
   * Requires that there is a token that has not expired, as far as can be told without a service.
   *
   * @throws SigningException if there is none
   */
  void requirePresent(Instant now) throws SigningException {
    Optional<IdentityToken> named = named();
    Optional<IdentityToken> local = named.isPresent() ? named : ambient.local();
    if (local.isPresent()) {
      local.get().requireCurrent(now);
    }
  }

  private Optional<IdentityToken> named() throws SigningException {
    if (!source.file().isEmpty()) {
      return Optional.of(fromFile(Path.of(source.file()), Setting.IDENTITY_TOKEN_FILE));
    }
    if (!source.env().isEmpty()) {
      return Optional.of(fromEnvironment(source.env()));
    }
    return Optional.empty();
  }

  private IdentityToken fromEnvironment(String name) throws SigningException {
    String value = environment.apply(name);
    if (value == null || value.isBlank()) {
      throw new SigningException(
          "The environment variable "
              + Printable.of(name)
              + " for the identity token "
              + (value == null ? "is not set." : "is empty."),
          Remedy.of(
              "Set it where models are signed (on a cluster: in the environment of the task"
                  + " managers), or check %s.",
              Setting.IDENTITY_TOKEN_ENV),
          null);
    }
    return IdentityToken.parse(value, "in the environment variable " + Printable.of(name));
  }

  /**
   * Reads a token from a file.
   *
   * @param setting what named the file
   */
  static IdentityToken fromFile(Path file, Setting setting) throws SigningException {
    String shown = Printable.of(file.toString());
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(IdentityToken.MAX_BYTES + 1);
    } catch (IOException e) {
      throw new SigningException(
          "The identity token file "
              + shown
              + " cannot be read ("
              + e.getClass().getSimpleName()
              + ").",
          Remedy.of(
              "Check that it is on the machine that signs and readable there, or check %s.",
              setting),
          e);
    }
    if (bytes.length > IdentityToken.MAX_BYTES) {
      throw new SigningException(
          "The identity token file " + shown + " is larger than 64 KiB, the limit.",
          Remedy.of("Check %s.", setting),
          null);
    }
    return IdentityToken.parse(new String(bytes, StandardCharsets.UTF_8), "in " + shown);
  }
}
