package dev.countersign.signing.sigstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.http.HttpCalls;
import dev.countersign.http.HttpSettings;
import dev.countersign.signing.IdentityTokenSource;
import dev.countersign.signing.SigningException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Identity tokens from files, the environment and services of clouds. */
final class IdentityTokensITCase {

  private static final String TOKEN = TokenForge.expiring(Instant.parse("2026-03-01T12:00:00Z"));
  private static final String OTHER = TokenForge.expiring(Instant.parse("2026-03-01T13:00:00Z"));

  private final HttpCalls http = new HttpCalls(new HttpSettings(Duration.ofSeconds(30)), 64 << 10);
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private volatile String answer = "";
  private volatile int status = 200;

  @TempDir private Path folder;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.add(
              exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization")
                  + " "
                  + exchange.getRequestHeaders().getFirst("Metadata-Flavor"));
          byte[] body = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    http.close();
  }

  @Test
  void tokenInFile_isReadAnewEachTime() throws Exception {
    Path file = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    IdentityTokens tokens = tokens(new IdentityTokenSource(file.toString(), ""), Map.of());
    assertThat(tokens.read().secret()).isEqualTo(TOKEN);

    Files.writeString(file, OTHER);

    assertThat(tokens.read().secret()).isEqualTo(OTHER);
  }

  @Test
  void token_thatIsOnThisMachine_isCheckedWithoutAService() throws Exception {
    Path file = Files.writeString(folder.resolve("token"), TOKEN);
    IdentityTokens here = tokens(new IdentityTokenSource(file.toString(), ""), Map.of());
    IdentityTokens none = tokens(IdentityTokenSource.AMBIENT, Map.of());
    IdentityTokens google =
        tokens(
            IdentityTokenSource.AMBIENT,
            Map.of("GCE_METADATA_HOST", "127.0.0.1:" + server.getAddress().getPort()));

    here.requirePresent(Instant.parse("2026-03-01T11:59:59Z"));
    google.requirePresent(Instant.EPOCH);
    assertThatThrownBy(() -> here.requirePresent(Instant.parse("2026-03-01T12:00:00Z")))
        .isInstanceOf(SigningException.class)
        .hasMessageContaining(" expired at 2026-03-01T12:00:00Z");
    assertThatThrownBy(() -> none.requirePresent(Instant.EPOCH))
        .isInstanceOf(SigningException.class)
        .hasMessageStartingWith("No identity token was named, and the environment has none");
    assertThat(requests).isEmpty();
  }

  @Test
  void tokenFile_thatIsMissing_isNamed() {
    Path file = folder.resolve("none");

    assertThatThrownBy(() -> tokens(new IdentityTokenSource(file.toString(), ""), Map.of()).read())
        .isInstanceOf(SigningException.class)
        .hasMessage(
            "The identity token file "
                + file
                + " cannot be read (NoSuchFileException). Check that it is on the machine that"
                + " signs and readable there, or check 'identity-token-file'.");
  }

  @Test
  void tokenFile_thatIsHuge_isNotRead() throws Exception {
    Path file = Files.write(folder.resolve("token"), new byte[100_000]);

    assertThatThrownBy(() -> tokens(new IdentityTokenSource(file.toString(), ""), Map.of()).read())
        .hasMessage(
            "The identity token file "
                + file
                + " is larger than 64 KiB, the limit. Check 'identity-token-file'.");
  }

  @Test
  void tokenInEnvironment_isTaken() throws Exception {
    IdentityTokenSource source = new IdentityTokenSource("", "MY_TOKEN");

    assertThat(tokens(source, Map.of("MY_TOKEN", TOKEN)).read().secret()).isEqualTo(TOKEN);
    assertThatThrownBy(() -> tokens(source, Map.of()).read())
        .hasMessage(
            "The environment variable MY_TOKEN for the identity token is not set. Set it where"
                + " models are signed (on a cluster: in the environment of the task managers), or"
                + " check 'identity-token-env'.");
  }

  @Test
  void tokenOfGithubActions_isAskedForWithTheJobsSecret() throws Exception {
    answer = "{\"count\":1,\"value\":\"" + TOKEN + "\"}";

    IdentityToken token = ambient(github()).read();

    assertThat(token.secret()).isEqualTo(TOKEN);
    assertThat(requests).containsExactly("/token?v=2&audience=sigstore bearer hunter2 null");
  }

  @Test
  void secretOfGithubActions_withALineBreak_isNotQuoted() throws Exception {
    answer = "{\"value\":\"" + TOKEN + "\"}";
    Map<String, String> ending = new HashMap<>(github());
    ending.put("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "hunter2\n");
    Map<String, String> inside = new HashMap<>(github());
    inside.put("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "hun\nter2");

    assertThat(ambient(ending).read().secret()).isEqualTo(TOKEN);
    assertThatThrownBy(() -> ambient(inside).read())
        .isInstanceOf(SigningException.class)
        .hasNoCause()
        .hasMessageContaining("ACTIONS_ID_TOKEN_REQUEST_TOKEN is not a token")
        .hasMessageNotContaining("ter2");
  }

  @Test
  void githubActions_thatRefuse_areQuotedWithoutSecrets() {
    status = 403;
    answer = "no";

    assertThatThrownBy(() -> ambient(github()).read())
        .isInstanceOf(SigningException.class)
        .hasMessageStartingWith(
            "The identity token of GitHub Actions cannot be obtained: it answered with HTTP status"
                + " 403: no.")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void answerOfGithubActions_thatIsCutShort_isNotShown() {
    answer = "{\"value\":\"" + TOKEN;

    assertThatThrownBy(() -> ambient(github()).read())
        .hasMessageStartingWith(
            "The identity token of GitHub Actions cannot be obtained: the answer is not JSON.")
        .hasNoCause()
        .hasMessageNotContaining(TOKEN.substring(0, 20));
  }

  @Test
  void githubJob_withoutThePermission_isToldWhichOne() {
    assertThatThrownBy(() -> ambient(Map.of("GITHUB_ACTIONS", "true")).read())
        .hasMessage(
            "GitHub Actions gives this job no identity token. Add the permission 'id-token: write'"
                + " to the job in the workflow.");
  }

  @Test
  void projectedToken_isReadAnewEachTime() throws Exception {
    AmbientTokens tokens = ambient(Map.of());
    Files.writeString(folder.resolve("projected"), TOKEN);
    assertThat(tokens.read().secret()).isEqualTo(TOKEN);

    Files.writeString(folder.resolve("projected"), OTHER);

    assertThat(tokens.read().secret()).isEqualTo(OTHER);
  }

  @Test
  void tokenOfGoogleCloud_isAskedForFromTheMetadataServer() throws Exception {
    answer = TOKEN;

    IdentityToken token =
        ambient(Map.of("GCE_METADATA_HOST", "127.0.0.1:" + server.getAddress().getPort())).read();

    assertThat(token.secret()).isEqualTo(TOKEN);
    assertThat(requests)
        .containsExactly(
            "/computeMetadata/v1/instance/service-accounts/default/identity?audience=sigstore"
                + "&format=full null Google");
  }

  @Test
  void environmentWithoutCredentials_isExplained() {
    assertThatThrownBy(() -> ambient(Map.of()).read())
        .isInstanceOf(SigningException.class)
        .hasMessageStartingWith("No identity token was named, and the environment has none")
        .hasMessageEndingWith("Name a token with 'identity-token-file' or 'identity-token-env'.");
  }

  private Map<String, String> github() {
    return Map.of(
        "GITHUB_ACTIONS",
        "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "http://127.0.0.1:" + server.getAddress().getPort() + "/token?v=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "hunter2");
  }

  private IdentityTokens tokens(IdentityTokenSource source, Map<String, String> environment) {
    return new IdentityTokens(source, environment::get, http);
  }

  private AmbientTokens ambient(Map<String, String> environment) {
    return new AmbientTokens(
        environment::get, http, folder.resolve("projected"), folder.resolve("product"));
  }
}
