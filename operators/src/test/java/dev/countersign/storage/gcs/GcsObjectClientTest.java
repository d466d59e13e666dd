package dev.countersign.storage.gcs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.cloud.hadoop.util.AccessTokenProvider;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectClientContract;
import dev.countersign.storage.objects.ObjectContent;
import dev.countersign.storage.objects.PutCondition;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.storage.rest.FakeStore.Asked;
import dev.countersign.storage.rest.FakeStore.Reply;
import dev.countersign.text.StoreUri;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GcsObjectClientTest extends ObjectClientContract {

  private static final String KEY = "m/a";

  private FakeGcs server;
  private ObjectClient client;

  @BeforeEach
  void start() throws Exception {
    server = new FakeGcs();
    client = open("gs://lab", Map.of());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  @Override
  protected ObjectClient client() {
    return client;
  }

  @Override
  protected ObjectClient clientOfMissingBucket() throws Exception {
    return open("gs://missing", Map.of());
  }

  @Test
  void each_ofTheCalls_isOneRequest() throws Exception {
    String version = put(PutCondition.ABSENT);
    byte[] buffer = new byte[4];
    client.get(StoredKey.planned(KEY, 4, version), 0, buffer, 0, 4);
    assertThat(client.head(KEY)).isPresent();
    assertThat(client.list("m/", true, "").keys()).hasSize(1);
    client.delete(KEY);

    assertThat(server.asked())
        .extracting(asked -> asked.method() + " " + asked.path().split("/", -1)[1])
        .containsExactly(
            "POST upload", "GET download", "GET storage", "GET storage", "DELETE storage");
    assertThat(server.asked().get(1).query())
        .containsEntry("ifGenerationMatch", version.substring("gen-".length()));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504})
  void status_thatPasses_isTransientAfterOneRequest(int status) throws Exception {
    refuse(status, "backendError", "We encountered an internal error.");

    assertThat(failureOfList().transientFault()).isTrue();
    assertThat(failureOfGet().transientFault()).isTrue();
    assertThat(failureOfPut().transientFault()).isTrue();
    assertThat(failureOfList())
        .hasMessage(
            "gs://lab/m/ cannot be read: the store answered with status "
                + status
                + " backendError. Try again later, or with fewer requests at a time.");
  }

  @Test
  void limit_ofRequests_isTransient() throws Exception {
    refuse(403, "userRateLimitExceeded", "User Rate Limit Exceeded");

    assertThat(failureOfGet().transientFault()).isTrue();
  }

  @Test
  void denial_thatNamesPrincipalAndPermission_isToldWithBoth() throws Exception {
    refuse(
        403,
        "forbidden",
        "signer@lake.iam.gserviceaccount.com does not have storage.objects.list access to the"
            + " Google Cloud Storage bucket. Permission 'storage.objects.list' denied on resource"
            + " (or it may not exist).");

    StorageException e = failureOfList();

    assertThat(e.kind()).isEqualTo(Kind.PERMISSION_DENIED);
    assertThat(e.transientFault()).isFalse();
    assertThat(e)
        .hasMessage(
            "gs://lab/m/ cannot be read: storage.objects.list is denied to"
                + " signer@lake.iam.gserviceaccount.com (status 403 forbidden). Grant it, or name"
                + " other credentials with fs.gs.auth.*.");
  }

  @Test
  void denial_whoseMessageRepeatsTheRequest_showsNothingOfIt() throws Exception {
    refuse(403, "forbidden", "Authorization: Bearer ya29.secret");

    assertThat(failureOfPut())
        .hasMessage(
            "gs://lab/m/a cannot be written: storage.objects.create is denied to"
                + " fs.gs.auth.type=UNAUTHENTICATED (status 403 forbidden). Grant it, or name other"
                + " credentials with fs.gs.auth.*.");
  }

  @Test
  void credentials_thatAreNotValid_areLasting() throws Exception {
    refuse(401, "authError", "Invalid Credentials");

    StorageException e = failureOfGet();

    assertThat(e.kind()).isEqualTo(Kind.PERMISSION_DENIED);
    assertThat(e.transientFault()).isFalse();
    assertThat(e)
        .hasMessage(
            "gs://lab/m/a cannot be used: the credentials of fs.gs.auth.type=UNAUTHENTICATED are"
                + " not valid (status 401 authError). Check the settings fs.gs.auth.*.");
  }

  @Test
  void credentials_whoseFileIsMissing_areLastingAndSendNothing() throws Exception {
    ObjectClient other =
        open(
            "gs://lab",
            Map.of(
                "fs.gs.auth.type", "SERVICE_ACCOUNT_JSON_KEYFILE",
                "fs.gs.auth.service.account.json.keyfile", "/missing/key.json"));

    StorageException e =
        catchThrowableOfType(StorageException.class, () -> other.list("m/", true, ""));

    assertThat(e.kind()).isEqualTo(Kind.PERMISSION_DENIED);
    assertThat(e.transientFault()).isFalse();
    assertThat(e).hasMessageContaining("/missing/key.json");
    assertThat(server.asked()).isEmpty();
  }

  /** Somebody's provider of tokens. */
  public static final class Tokens extends Configured implements AccessTokenProvider {
    @Override
    public AccessToken getAccessToken() {
      return new AccessToken("ya29.secret", Instant.now().plusSeconds(3_600));
    }

    @Override
    public void refresh() {}
  }

  @Test
  void token_forAServerWithoutTls_isNotSent() throws Exception {
    ObjectClient other =
        open(
            "gs://lab",
            Map.of(
                "fs.gs.auth.type",
                "ACCESS_TOKEN_PROVIDER",
                "fs.gs.auth.access.token.provider",
                Tokens.class.getName()));

    StorageException e =
        catchThrowableOfType(StorageException.class, () -> other.list("m/", true, ""));

    assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED);
    assertThat(e)
        .hasMessageContaining("Write fs.gs.storage.root.url with https://")
        .hasMessageNotContaining("ya29");
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void login_pageOfAProxy_isNoListing() throws Exception {
    server.refuse(asked -> Optional.of(Reply.of(200, "<html>Log in</html>")));

    StorageException e = failureOfList();

    assertThat(e.kind()).isEqualTo(Kind.UNREADABLE);
    assertThat(e)
        .hasMessage(
            "gs://lab/m/ cannot be read: what answers is not Google Cloud Storage. Check the"
                + " endpoint and any proxy.");
  }

  @Test
  void json_thatIsNoListing_isNoEmptyListing() throws Exception {
    server.refuse(asked -> Optional.of(Reply.of(200, "{}")));

    assertThat(failureOfList()).hasMessageContaining("is not Google Cloud Storage");
  }

  @Test
  void redirect_toAnotherHost_isNotFollowed() throws Exception {
    try (FakeGcs other = new FakeGcs()) {
      server.refuse(
          asked ->
              Optional.of(Reply.of(307, "").with("Location", "http://" + other.address() + "/x")));

      assertThat(failureOfList().transientFault()).isFalse();
      assertThat(failureOfGet()).hasMessageContaining("status 307");
      assertThat(other.asked()).isEmpty();
    }
  }

  @Test
  void get_ofAnotherGenerationThanTheServerWasAskedFor_isChanged() throws Exception {
    String version = put(PutCondition.ANY);
    server.refuse(
        asked ->
            Optional.of(
                Reply.of(206, "some")
                    .with("Content-Range", "bytes 0-3/4")
                    .with("x-goog-generation", "7")));

    StorageException e = failureOf(() -> get(version));

    assertThat(e.kind()).isEqualTo(Kind.CHANGED);
  }

  @ParameterizedTest
  @CsvSource({
    "200, bytes 0-3/4, UNREADABLE",
    "206, bytes 1-4/5, UNREADABLE",
    "206, '', UNREADABLE",
    "206, bytes 0-3/5, CHANGED"
  })
  void get_ofAnotherRange_fails(int status, String range, Kind kind) throws Exception {
    String version = put(PutCondition.ANY);
    server.refuse(
        asked ->
            Optional.of(
                Reply.of(status, "some")
                    .with("Content-Range", range)
                    .with("x-goog-generation", version.substring(4))));

    StorageException e = failureOf(() -> get(version));

    assertThat(e.kind()).isEqualTo(kind);
    assertThat(e.transientFault()).isFalse();
  }

  @Test
  void get_ofFewerBytes_isTransient() throws Exception {
    String version = put(PutCondition.ANY);
    server.refuse(
        asked ->
            Optional.of(
                Reply.of(206, "som")
                    .with("Content-Range", "bytes 0-3/4")
                    .with("x-goog-generation", version.substring(4))));

    StorageException e = failureOf(() -> get(version));

    assertThat(e.transientFault()).isTrue();
    assertThat(e).hasMessageContaining("sent 3 of 4 bytes");
  }

  @Test
  void settings_ofPayerHeadersAndKey_areSent() throws Exception {
    ObjectClient other =
        open(
            "gs://lab",
            Map.of(
                "fs.gs.requester.pays.mode", "CUSTOM",
                "fs.gs.requester.pays.project.id", "payer",
                "fs.gs.requester.pays.buckets", "lab",
                "fs.gs.storage.http.headers.x-team", "models",
                "fs.gs.encryption.algorithm", "AES256",
                "fs.gs.encryption.key", "a2V5",
                "fs.gs.encryption.key.hash", "aGFzaA=="));
    assertThat(other.head(KEY)).isEmpty();

    Asked asked = server.asked().get(0);

    assertThat(asked.query()).containsEntry("userProject", "payer");
    assertThat(asked.header("x-team")).isEqualTo("models");
    assertThat(asked.header("x-goog-encryption-key")).isEqualTo("a2V5");
  }

  @ParameterizedTest
  @CsvSource({
    "fs.gs.storage.root.url, ftp://x/",
    "fs.gs.requester.pays.mode, AUTO",
    "fs.gs.http.connect-timeout, abc",
    "fs.gs.http.read-timeout, 3x",
    "fs.gs.list.max.items.per.call, many",
    "fs.gs.proxy.address, nowhere",
    "fs.gs.proxy.username, me"
  })
  void setting_thatMakesNoSense_isRefusedByName(String key, String value) throws Exception {
    Map<String, String> settings = new HashMap<>(Map.of("fs.gs.proxy.address", "localhost:3128"));
    settings.put(key, value);

    StorageException e = failureOf(() -> open("gs://lab", settings));

    assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED);
    assertThat(e).hasMessageContaining(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gs:///m", "gs://user@lab/m", "gs://lab:80/m", "gs://LAB/m", "gs://a/m"})
  void authority_thatIsNoBucket_isRefused(String uri) throws Exception {
    assertThat(failureOf(() -> open(uri, Map.of())).kind()).isEqualTo(Kind.UNSUPPORTED);
  }

  private ObjectClient open(String uri, Map<String, String> more) throws StorageException {
    Map<String, String> settings = new HashMap<>(server.settings());
    settings.put("fs.gs.list.max.items.per.call", String.valueOf(PAGE));
    settings.putAll(more);
    return new GcsStore().open(StoreUri.parse(uri), settings);
  }

  private void refuse(int status, String reason, String message) {
    server.refuse(asked -> Optional.of(FakeGcs.error(status, reason, message)));
  }

  private String put(PutCondition condition) throws StorageException {
    return client.put(KEY, ObjectContent.of("some".getBytes(UTF_8)), condition);
  }

  private void get(String version) throws StorageException {
    client.get(StoredKey.planned(KEY, 4, version), 0, new byte[4], 0, 4);
  }

  private StorageException failureOfList() {
    return failureOf(() -> client.list("m/", true, ""));
  }

  private StorageException failureOfGet() {
    return failureOf(() -> get("gen-1"));
  }

  private StorageException failureOfPut() {
    return failureOf(() -> put(PutCondition.ANY));
  }

  private static StorageException failureOf(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(StorageException.class, call);
  }
}
