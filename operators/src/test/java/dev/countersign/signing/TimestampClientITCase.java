package dev.countersign.signing;

import static dev.countersign.signing.LoopbackAuthority.reply;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.remedy.Remedy;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.TimestampForge;
import dev.countersign.trust.TimestampVerifier;
import dev.countersign.trust.TrustAnchors;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A timestamp authority in this JVM, and what one may do wrong. */
@Timeout(120)
final class TimestampClientITCase {

  private static final byte[] SIGNATURE = "a signature".getBytes(UTF_8);
  private static final Duration LONG = Duration.ofMinutes(1);

  private static final Issued ROOT = CertificateForge.ca("CN=TSA Root").issue();
  private static final Issued AUTHORITY =
      CertificateForge.timestampAuthority("CN=TSA").signedBy(ROOT).issue();

  private final AtomicInteger requests = new AtomicInteger();
  private LoopbackAuthority server;

  @BeforeEach
  void start() throws IOException {
    server = new LoopbackAuthority();
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.close();
  }

  @Test
  void timestamp_ofProperAuthority_verifies() throws Exception {
    List<String> headers = new ArrayList<>();
    List<TimeStampRequest> asked = new ArrayList<>();
    server.serve(
        (exchange, request) -> {
          headers.add(exchange.getRequestMethod());
          headers.add(exchange.getRequestHeaders().getFirst("Content-Type"));
          asked.add(request);
          reply(exchange, 200, forge(request).response());
        });
    try (TimestampClient client = client(LONG)) {

      byte[] response = client.timestamp(SIGNATURE);

      assertThat(verifier().verify(response, SIGNATURE).authority())
          .isEqualTo(AUTHORITY.certificate());
      assertThat(headers).containsExactly("POST", "application/timestamp-query");
      assertThat(asked.get(0).getCertReq()).isTrue();
      assertThat(asked.get(0).getMessageImprintAlgOID()).isEqualTo(TSPAlgorithms.SHA256);
      assertThat(asked.get(0).getNonce().bitLength()).isGreaterThan(64);
    }
  }

  @Test
  void timestamps_fromManyThreads_areEachOverTheirOwnSignature() throws Exception {
    Set<BigInteger> nonces = ConcurrentHashMap.newKeySet();
    server.serve(
        (exchange, request) -> {
          nonces.add(request.getNonce());
          reply(exchange, 200, forge(request).response());
        });
    ExecutorService callers = Executors.newFixedThreadPool(16);
    try (TimestampClient client = client(LONG)) {
      List<Future<Instant>> verified = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        byte[] signature = ("signature " + i).getBytes(UTF_8);
        verified.add(
            callers.submit(() -> verifier().verify(client.timestamp(signature), signature).time()));
      }

      for (Future<Instant> one : verified) {
        assertThat(one.get()).isNotNull();
      }
      assertThat(nonces).hasSize(100);
    } finally {
      callers.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 429})
  void timestamp_afterAPassingError_isGot(int status) throws Exception {
    server.serve(
        (exchange, request) -> {
          if (requests.incrementAndGet() <= 2) {
            reply(exchange, status, "busy".getBytes(UTF_8));
          } else {
            reply(exchange, 200, forge(request).response());
          }
        });
    try (TimestampClient client = client(LONG)) {

      byte[] response = client.timestamp(SIGNATURE);

      assertThat(verifier().verify(response, SIGNATURE)).isNotNull();
      assertThat(requests).hasValue(3);
    }
  }

  @Test
  void timestamp_afterAClosedConnection_isGot() throws Exception {
    server.serve(
        (exchange, request) -> {
          if (requests.incrementAndGet() == 1) {
            // Closes the connection without an answer.
            exchange.close();
          } else {
            reply(exchange, 200, forge(request).response());
          }
        });
    try (TimestampClient client = client(LONG)) {

      byte[] response = client.timestamp(SIGNATURE);

      assertThat(verifier().verify(response, SIGNATURE)).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 400, 403, 404})
  void timestamp_ofAStatusThatStays_failsAtOnce(int status) {
    server.serve(
        (exchange, request) -> {
          requests.incrementAndGet();
          exchange.getResponseHeaders().add("Location", "http://localhost:1/elsewhere");
          reply(exchange, status, "no\u001b[2J such thing".getBytes(UTF_8));
        });

    assertFails(
        LONG, "it answered with HTTP status " + status + ": no\\u001b[2J such thing", requests, 1);
    assertThat(requests).hasValue(1);
  }

  @Test
  void longErrorText_isCut() {
    server.serve((exchange, request) -> reply(exchange, 400, "x".repeat(10_000).getBytes(UTF_8)));

    assertFails(LONG, "it answered with HTTP status 400: " + "x".repeat(200));
  }

  @Test
  void refusal_isShown() {
    server.serve(
        (exchange, request) ->
            reply(
                exchange, 200, forge(request).status(PKIStatus.REJECTION, "not today").response()));

    assertFails(
        LONG,
        "its response is not a timestamp of this signature (the authority refused, status 2: not"
            + " today)");
  }

  @Test
  void wrongNonce_isRefused() {
    server.serve(
        (exchange, request) ->
            reply(exchange, 200, forge(request).nonce(BigInteger.valueOf(4711)).response()));

    assertFails(
        LONG,
        "its response is not a timestamp of this signature (response contains wrong nonce value.)");
  }

  @Test
  void wrongImprint_isRefused() {
    server.serve(
        (exchange, request) ->
            reply(
                exchange,
                200,
                forge(request)
                    .imprint(TSPAlgorithms.SHA256, "SHA-256", "another".getBytes(UTF_8))
                    .response()));

    assertFails(
        LONG,
        "its response is not a timestamp of this signature (response for different message imprint"
            + " digest.)");
  }

  @Test
  void signatureOfAnotherKey_isRefused() {
    Issued forged = new Issued(AUTHORITY.certificate(), CertificateForge.ec("secp256r1"));
    server.serve(
        (exchange, request) ->
            reply(exchange, 200, TimestampForge.answer(request, forged).response()));

    assertFails(LONG, "its response is not a timestamp of this signature (");
  }

  @Test
  void signatureOfAnotherKey_whereTheCallerVerifies_isReturned() throws Exception {
    Issued forged = new Issued(AUTHORITY.certificate(), CertificateForge.ec("secp256r1"));
    server.serve(
        (exchange, request) ->
            reply(exchange, 200, TimestampForge.answer(request, forged).response()));

    try (TimestampClient client =
        new TimestampClient(new TimestampSettings(server.url(), LONG), Remedy.NONE, false)) {
      assertThat(client.timestamp(SIGNATURE)).isNotEmpty();
    }
  }

  @Test
  void answerWithoutTheCertificate_isRefused() {
    server.serve(
        (exchange, request) -> reply(exchange, 200, forge(request).enclosingNothing().response()));

    assertFails(
        LONG,
        "its response is not a timestamp of this signature (the answer does not enclose the"
            + " authority's certificate)");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000})
  void garbage_isRefused(int length) {
    server.serve((exchange, request) -> reply(exchange, 200, new byte[length]));

    assertFails(LONG, "its response is not a timestamp of this signature (");
  }

  @Test
  void webPage_isRefused() {
    server.serve(
        (exchange, request) -> {
          exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
          reply(exchange, 200, "<h1>Welcome</h1>".getBytes(UTF_8));
        });

    assertFails(LONG, "it answered with text, not a timestamp: <h1>Welcome</h1>");
  }

  @Test
  void hugeBody_isNotRead() {
    server.serve(
        (exchange, request) -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            while (server.end().getCount() > 0) {
              out.write(new byte[1 << 16]);
            }
          }
        });

    assertFails(LONG, "its answer is larger than 64 KiB, the limit");
  }

  @Test
  void slowDrip_endsWithTheTotalTime() {
    server.serve(
        (exchange, request) -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            do {
              out.write(0x30);
              out.flush();
            } while (!server.end().await(50, TimeUnit.MILLISECONDS));
          }
        });

    assertFails(Duration.ofMillis(1500), "it did not answer within 1.5 seconds");
  }

  @Test
  void silentAuthority_endsWithTheTotalTime() {
    server.serve((exchange, request) -> server.end().await());

    assertFails(Duration.ofMillis(1500), "it did not answer within 1.5 seconds");
  }

  @Test
  void authorityThatStaysBusy_isGivenUp() {
    server.serve(
        (exchange, request) -> {
          requests.incrementAndGet();
          reply(exchange, 503, new byte[0]);
        });

    assertFails(LONG, "it answered with HTTP status 503: (nothing more)", requests, 2);
  }

  @Test
  void nobodyAtTheAddress_isSaid() throws Exception {
    // Has the port, so that nobody else gets it, and does not listen.
    try (Socket silent = new Socket()) {
      silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = silent.getLocalPort();
      try (TimestampClient client =
          client(
              URI.create("http://127.0.0.1:" + port + "/ts?key=secret"), Duration.ofSeconds(30))) {

        assertThatThrownBy(() -> client.timestamp(SIGNATURE))
            .isInstanceOf(SigningException.class)
            .hasMessageStartingWith(
                "The timestamp authority at http://127.0.0.1:"
                    + port
                    + "/ts gave no timestamp: it cannot be reached (ConnectException")
            .hasMessageNotContaining("secret");
      }
    }
  }

  @Test
  void interrupt_endsTheWait() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    server.serve(
        (exchange, request) -> {
          arrived.countDown();
          server.end().await();
        });
    try (TimestampClient client = client(LONG)) {
      List<Throwable> thrown = new ArrayList<>();
      Thread caller =
          new Thread(
              () ->
                  thrown.add(
                      catchThrowableOfType(
                          SigningException.class, () -> client.timestamp(SIGNATURE))));
      caller.start();
      arrived.await();

      caller.interrupt();
      caller.join();

      assertThat(thrown.get(0)).hasMessage("The wait for a timestamp was interrupted.");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ftp://tsa.example/ts | Cannot ask a timestamp authority at ftp://tsa.example/ts: an address is needed that begins with https:// or http://. Check 'tsa-url'.
          tsa.example/ts | Cannot ask a timestamp authority at tsa.example/ts: an address is needed that begins with https:// or http://. Check 'tsa-url'.
          https:/ts | Cannot ask a timestamp authority at https:/ts: an address is needed that begins with https:// or http://. Check 'tsa-url'.
          https://user:hunter2@tsa.example/ts | The URL of the timestamp authority holds a user or a password, and would show it to everybody on this machine. Name an authority with 'tsa-url' that needs none.
          https://hunter2@tsa_example/ts | The URL of the timestamp authority holds a user or a password, and would show it to everybody on this machine. Name an authority with 'tsa-url' that needs none.
          """)
  void client_ofAnUnusableUrl_isRefused(String url, String message) {
    assertThatThrownBy(() -> client(URI.create(url), LONG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private TimestampClient client(Duration total) {
    return client(server.url(), total);
  }

  private static TimestampClient client(URI url, Duration total) {
    return new TimestampClient(new TimestampSettings(url, total));
  }

  private static TimestampForge forge(TimeStampRequest request) {
    return TimestampForge.answer(request, AUTHORITY);
  }

  private static TimestampVerifier verifier() {
    return new TimestampVerifier(
        TrustAnchors.of(List.of(ROOT.certificate())), RevocationLists.none());
  }

  private void assertFails(Duration total, String problem) {
    assertFails(total, problem, new AtomicInteger(), 0);
  }

  private void assertFails(
      Duration total, String problem, AtomicInteger counted, int atLeastRequests) {
    try (TimestampClient client = client(total)) {
      assertThatThrownBy(() -> client.timestamp(SIGNATURE))
          .isInstanceOf(SigningException.class)
          .hasMessageStartingWith(
              "The timestamp authority at " + server.url() + " gave no timestamp: " + problem)
          .hasMessageEndingWith(". Check 'tsa-url', or try again later.");
    }
    assertThat(counted.get()).isGreaterThanOrEqualTo(atLeastRequests);
  }
}
