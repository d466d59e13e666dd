package dev.countersign.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectContent;
import dev.countersign.storage.objects.PutCondition;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.text.StoreUri;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What S3 refuses and how it is told, and servers that are none. */
@Timeout(120)
final class S3FaultsITCase {

  /** In nothing that is shown. */
  private static final String SECRET = "labsecret123";

  private static final StoredKey KEY = StoredKey.planned("m/k", 10, "etag-0f-10");

  private FakeS3 server;
  private ObjectClient client;

  @BeforeEach
  void start() throws Exception {
    server = new FakeS3();
    client = open(server.endpoint());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "503, SlowDown",
    "503, ServiceUnavailable",
    "500, InternalError",
    "429, TooManyRequests",
    "502, ''",
    "504, ''",
    "400, RequestTimeout",
    "409, OperationAborted",
    "408, ''"
  })
  void fault_thatMayPass_isTransientAndOneRequest(int status, String code) {
    server.fail((exchange, request) -> FakeS3.error(exchange, status, code, "later " + SECRET));

    boolean isToldByCode = status == 400 || status == 409;

    calls()
        .forEach(
            (method, call) -> {
              int before = server.log().size();
              StorageException e = failure(call);

              assertThat(e.transientFault()).as("%s: %s", method, e).isTrue();
              assertThat(e.kind() == Kind.THROTTLED)
                  .isEqualTo(
                      (status == 503 || status == 429)
                          && !List.of("PUT", "DELETE").contains(method));
              assertThat(e).hasMessageContaining("its store failed or is busy (" + status);
              assertThat(e).hasMessageNotContaining(SECRET);
              assertThat(server.log().size() - before)
                  .isEqualTo(isToldByCode && method.equals("HEAD") ? 2 : 1);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | ExpiredToken          | the credentials have expired (ExpiredToken). Renew them.
          400 | InvalidToken          | the session token is not valid (InvalidToken). Renew the credentials.
          403 | InvalidAccessKeyId    | its store does not know the access key (InvalidAccessKeyId). Check the credentials, and that fs.s3a.endpoint is theirs.
          403 | SignatureDoesNotMatch | the secret key is not that of the access key (SignatureDoesNotMatch). Check the credentials.
          403 | RequestTimeTooSkewed  | this host's clock differs from the store's (RequestTimeTooSkewed). Set the clock.
          403 | AccountProblem        | the user whose credentials are used may not do ACTION (403 AccountProblem). Allow it, or use other credentials.
          """)
  void refusal_ofCredentials_isLastingAndSaysWhatToDo(int status, String code, String told) {
    server.fail((exchange, request) -> FakeS3.error(exchange, status, code, "no " + SECRET));

    StorageException listing = failure(() -> client.list("m/", true, ""));
    StorageException head = failure(() -> client.head("m/k"));
    StorageException range = failure(() -> client.get(KEY, 0, new byte[10], 0, 10));
    StorageException put =
        failure(() -> client.put("m/k", ObjectContent.of(new byte[1]), PutCondition.ANY));

    assertThat(listing)
        .hasMessage("s3a://lab/m/ cannot be read: " + told.replace("ACTION", "s3:ListBucket"));
    assertThat(range)
        .hasMessage("s3a://lab/m/k cannot be read: " + told.replace("ACTION", "s3:GetObject"));
    assertThat(put)
        .hasMessage("s3a://lab/m/k cannot be written: " + told.replace("ACTION", "s3:PutObject"));
    assertThat(head.getMessage()).startsWith("s3a://lab/m/k cannot be read: ");
    assertThat(range.kind()).isEqualTo(Kind.PERMISSION_DENIED);
    assertThat(head.kind()).isEqualTo(Kind.PERMISSION_DENIED);
    assertThat(put.kind()).isEqualTo(Kind.NOT_WRITABLE);
    assertThat(range.transientFault() || put.transientFault() || head.transientFault()).isFalse();
  }

  @Test
  void refusal_ofAccess_namesWhoMayNotDoWhatToWhat() {
    server.fail(
        (exchange, request) ->
            FakeS3.error(
                exchange,
                403,
                "AccessDenied",
                "User: arn:aws:iam::123456789012:user/bob is not authorized to perform:"
                    + " s3:GetObject on resource: \"arn:aws:s3:::lab/m/k\" because no"
                    + " identity-based policy allows the s3:GetObject action"));

    StorageException e = failure(() -> client.get(KEY, 0, new byte[10], 0, 10));

    assertThat(e.kind()).isEqualTo(Kind.PERMISSION_DENIED);
    assertThat(e)
        .hasMessage(
            "s3a://lab/m/k cannot be read: arn:aws:iam::123456789012:user/bob may not do"
                + " s3:GetObject on arn:aws:s3:::lab/m/k (403 AccessDenied). Allow it, or use other"
                + " credentials.");
  }

  @Test
  void refusal_ofAccessWithHostileWords_repeatsNoneOfThem() {
    server.fail(
        (exchange, request) ->
            FakeS3.error(exchange, 403, "Access\u001b[2JDenied", "\u001b[2J " + SECRET));

    StorageException e = failure(() -> client.list("m/", true, ""));

    assertThat(e)
        .hasMessage(
            "s3a://lab/m/ cannot be read: the user whose credentials are used may not do"
                + " s3:ListBucket (403). Allow it, or use other credentials.");
  }

  @Test
  void head_thatIsRefusedWithoutReason_hasTheReasonOfAListing() {
    server.fail(
        (exchange, request) ->
            FakeS3.error(
                exchange,
                400,
                request.method().equals("HEAD") ? "" : "ExpiredToken",
                "The provided token has expired."));

    StorageException e = failure(() -> client.head("m/k"));

    assertThat(e)
        .hasMessage(
            "s3a://lab/m/k cannot be read: the credentials have expired (ExpiredToken). Renew"
                + " them.");
  }

  @Test
  void bucket_ofAnotherRegion_isNamedWithIt() {
    server.fail(
        (exchange, request) -> {
          exchange.getResponseHeaders().set("x-amz-bucket-region", "eu-west-1");
          return FakeS3.error(exchange, 301, "PermanentRedirect", "elsewhere");
        });

    StorageException e = failure(() -> client.list("m/", true, ""));

    assertThat(e.transientFault()).isFalse();
    assertThat(e)
        .hasMessage(
            "s3a://lab/m/ cannot be read: its bucket is in the region eu-west-1. Set"
                + " fs.s3a.endpoint.region to eu-west-1.");
  }

  @Test
  void connection_thatIsReset_isTransientAndOneRequest() {
    server.fail(
        (exchange, request) -> {
          exchange.close();
          return true;
        });

    calls()
        .forEach(
            (method, call) -> {
              int before = server.log().size();
              StorageException e = failure(call);

              assertThat(e.transientFault()).as("%s: %s", method, e).isTrue();
              assertThat(e).hasMessageContaining("the connection to its server broke (");
              assertThat(server.log().size() - before).isEqualTo(1);
            });
  }

  @Test
  void endpoint_thatRefusesConnections_failsAtOnce() throws Exception {
    // Has the port, so that nobody else gets it, and does not listen.
    try (Socket silent = new Socket()) {
      silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

      requireSoon("http://127.0.0.1:" + silent.getLocalPort(), "its server refuses connections");
    }
  }

  @Test
  void endpoint_withUnknownName_failsAtOnce() throws Exception {
    requireSoon("http://nowhere.invalid", "the name of its server is unknown");
  }

  @Test
  void endpoint_thatNeverAnswers_failsInSeconds() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      requireSoon(
          "http://127.0.0.1:" + silent.getLocalPort(), "its server does not answer in time");
    }
  }

  @Test
  void endpoint_withTlsOnPlainPort_failsInSeconds() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      requireSoon(
          "https://127.0.0.1:" + silent.getLocalPort(), "its server does not answer in time");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"key:pass@lab", "lab:9000", "my_bucket", "models.2026", "a..b", "-a"})
  void bucketName_thatHadoopCannotUse_isRefused(String name) {
    StorageException e =
        failure(() -> new S3Store().open(StoreUri.parse("s3a://" + name + "/m"), Map.of()));

    assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED);
    assertThat(e)
        .hasMessage(
            name.replace("key:pass@", "")
                + " is not a name of a bucket that Hadoop can use: letters, digits, hyphens and"
                + " dots, and a letter after the last dot. Write s3a://BUCKET/PATH.");
  }

  private Map<String, ThrowingCallable> calls() {
    return Map.of(
        "LIST", () -> client.list("m/", true, ""),
        "HEAD", () -> client.head("m/k"),
        "GET", () -> client.get(KEY, 0, new byte[10], 0, 10),
        "PUT", () -> client.put("m/k", ObjectContent.of(new byte[1]), PutCondition.ANY),
        "DELETE", () -> client.delete("m/k"));
  }

  private static void requireSoon(String endpoint, String told) throws Exception {
    try (ObjectClient lost = open(endpoint)) {
      long start = System.nanoTime();
      StorageException e = failure(() -> lost.list("m/", true, ""));
      Duration taken = Duration.ofNanos(System.nanoTime() - start);

      assertThat(e)
          .hasMessage(
              "s3a://lab/m/ cannot be read: "
                  + told
                  + ". Check that the store runs and can be reached.");
      assertThat(e.transientFault()).isTrue();
      assertThat(taken).isLessThan(Duration.ofSeconds(60));
    }
  }

  private static ObjectClient open(String endpoint) throws Exception {
    Map<String, String> settings = new HashMap<>(FakeS3.settings(endpoint));
    return new S3Store().open(StoreUri.parse("s3a://lab"), settings);
  }

  private static StorageException failure(ThrowingCallable call) {
    return catchThrowableOfType(StorageException.class, call);
  }
}
