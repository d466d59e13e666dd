package dev.countersign.signing.sigstore;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.countersign.http.HttpAnswer;
import dev.countersign.http.HttpCalls;
import dev.countersign.http.ServiceAddress;
import dev.countersign.http.ServiceException;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.signing.SigningException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Obtains identity tokens from the environment that the process runs in: GitHub Actions, a token
 * that Kubernetes projects into a file, or the metadata server of Google Cloud; the first that is
 * there. Thread safe.
 */
final class AmbientTokens {

  /** The audience that Fulcio expects in tokens. */
  private static final String AUDIENCE = "sigstore";

  /** Where cosign looks for a projected token, too. Kubernetes renews it by itself. */
  private static final Path PROJECTED = Path.of("/var/run/sigstore/cosign/oidc-token");

  private static final Path PRODUCT = Path.of("/sys/class/dmi/id/product_name");

  private static final String GITHUB_URL = "ACTIONS_ID_TOKEN_REQUEST_URL";
  private static final String GITHUB_BEARER = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

  private static final String METADATA_HOST = "metadata.google.internal";
  private static final String GOOGLE_PATH =
      "/computeMetadata/v1/instance/service-accounts/default/identity?audience="
          + AUDIENCE
          + "&format=full";

  private final UnaryOperator<@Nullable String> environment;
  private final HttpCalls http;
  private final Path projected;
  private final Path product;

  AmbientTokens(UnaryOperator<@Nullable String> environment, HttpCalls http) {
    this(environment, http, PROJECTED, PRODUCT);
  }

  /** Tokens from other files than the usual ones. */
  AmbientTokens(
      UnaryOperator<@Nullable String> environment, HttpCalls http, Path projected, Path product) {
    this.environment = environment;
    this.http = http;
    this.projected = projected;
    this.product = product;
  }

  /**
   * Returns the token that is on this machine; empty if a service of the environment has to be
   * asked for one.
   *
   * @throws SigningException if the environment has none
   */
  Optional<IdentityToken> local() throws SigningException {
    if (isGithub()) {
      return Optional.empty();
    }
    if (isFile(projected)) {
      return Optional.of(IdentityTokens.fromFile(projected, Setting.IDENTITY_TOKEN_FILE));
    }
    if (metadataHost().isPresent()) {
      return Optional.empty();
    }
    throw new SigningException(
        "No identity token was named, and the environment has none: this is neither GitHub Actions"
            + " nor Google Cloud, and there is no projected token in "
            + projected
            + ".",
        Remedy.of(
            "Name a token with %s or %s.", Setting.IDENTITY_TOKEN_FILE, Setting.IDENTITY_TOKEN_ENV),
        null);
  }

  /**
   * Returns a token.
   *
   * @throws SigningException if the environment has none, or does not give it
   */
  IdentityToken read() throws SigningException {
    Optional<IdentityToken> local = local();
    if (local.isPresent()) {
      return local.get();
    }
    return isGithub() ? fromGithub() : fromGoogle(metadataHost().orElse(METADATA_HOST));
  }

  /** Returns whether this is GitHub Actions, which has to be allowed to issue tokens. */
  private boolean isGithub() throws SigningException {
    if (variable("GITHUB_ACTIONS").isEmpty()) {
      return false;
    }
    if (variable(GITHUB_URL).isEmpty() || variable(GITHUB_BEARER).isEmpty()) {
      throw new SigningException(
          "GitHub Actions gives this job no identity token.",
          Remedy.text("Add the permission 'id-token: write' to the job in the workflow."),
          null);
    }
    return true;
  }

  private Optional<String> metadataHost() {
    return variable("GCE_METADATA_HOST")
        .or(() -> isGoogle() ? Optional.of(METADATA_HOST) : Optional.empty());
  }

  private IdentityToken fromGithub() throws SigningException {
    String origin = "of GitHub Actions";
    String secret = variable(GITHUB_BEARER).orElse("").strip();
    if (!secret.matches("[!-~]+")) {
      // The header would be refused with a message that quotes it.
      throw refused(origin, "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not a token");
    }
    try {
      URI address = new URI(variable(GITHUB_URL).orElse("") + "&audience=" + AUDIENCE);
      if (!ServiceAddress.isHttp(address) || !ServiceAddress.isPrivate(address)) {
        throw refused(origin, "ACTIONS_ID_TOKEN_REQUEST_URL is not an https address");
      }
      HttpAnswer answer =
          call(
              origin,
              HttpRequest.newBuilder(address)
                  .header("Authorization", "bearer " + secret)
                  .header("Accept", "application/json")
                  .GET()
                  .build());
      Struct.Builder body = Struct.newBuilder();
      JsonFormat.parser().merge(new String(answer.body(), StandardCharsets.UTF_8), body);
      return IdentityToken.parse(
          body.getFieldsOrDefault("value", Value.getDefaultInstance()).getStringValue(), origin);
    } catch (URISyntaxException e) {
      throw refused(origin, "ACTIONS_ID_TOKEN_REQUEST_URL is not an address");
    } catch (InvalidProtocolBufferException e) {
      // The cause may quote the token.
      throw refused(origin, "the answer is not JSON");
    }
  }

  private IdentityToken fromGoogle(String host) throws SigningException {
    String origin = "of Google Cloud's metadata server";
    try {
      HttpAnswer answer =
          call(
              origin,
              HttpRequest.newBuilder(new URI("http://" + host + GOOGLE_PATH))
                  .header("Metadata-Flavor", "Google")
                  .GET()
                  .build());
      return IdentityToken.parse(new String(answer.body(), StandardCharsets.UTF_8), origin);
    } catch (URISyntaxException e) {
      throw refused(origin, "GCE_METADATA_HOST is not the name of a host");
    }
  }

  private HttpAnswer call(String origin, HttpRequest request) throws SigningException {
    try {
      HttpAnswer answer = http.call(request);
      if (!answer.isSuccess()) {
        throw refused(origin, answer.refusal());
      }
      return answer;
    } catch (ServiceException e) {
      throw refused(origin, e.problem());
    }
  }

  private static SigningException refused(String origin, String problem) {
    return new SigningException(
        "The identity token " + origin + " cannot be obtained: " + problem + ".",
        Remedy.of(
            "Check the credentials of the environment, or name a token with %s.",
            Setting.IDENTITY_TOKEN_FILE),
        null);
  }

  private boolean isGoogle() {
    if (!isFile(product)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(product)) {
      return new String(in.readNBytes(64), StandardCharsets.UTF_8).startsWith("Google");
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isFile(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, new LinkOption[0])
          .isRegularFile();
    } catch (IOException e) {
      return false;
    }
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.apply(name)).filter(value -> !value.isBlank());
  }
}
